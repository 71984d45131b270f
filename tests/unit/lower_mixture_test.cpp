// Mixtures, compiled and computed by the reference.
#include <cmath>
#include <map>

#include "compiler/interp/mixture.h"
#include "tests/unit/lower_fixture.h"

namespace rexp::testing {
namespace {

class LowerMixture : public Lower, public ::testing::WithParamInterface<row::Mixture> {};

TEST_P(LowerMixture, EqualsTheReferenceAndSeesEveryRowBeforeAnyTwice) {
  const std::vector<int64_t> rows = {7, 100, 31};
  lower::Unit unit("test");
  lower::lower_mixture(unit, GetParam(), "f");
  Fn* fn = compile(std::move(unit));
  std::map<int64_t, std::vector<int64_t>> seen;
  for (int64_t position = 0; position < 3000; ++position) {
    const std::vector<int64_t> row = {position, rows[0], rows[1], rows[2]};
    ASSERT_EQ(fn(nullptr, row.data(), 42, sink_.get()), REXP_OK);
    const abi::Draw compiled = abi::unpack_draw(sink_.value());
    ASSERT_EQ(interp::draw(GetParam(), row.data(), 42, sink_.get()), REXP_OK);
    ASSERT_EQ(compiled, abi::unpack_draw(sink_.value()));
    seen[compiled.task].push_back(compiled.row);
  }
  for (const auto& [task, order] : seen) {
    std::map<int64_t, int> times;
    for (int64_t row : order) ++times[row];
    int least = INT32_MAX, most = 0;
    for (int64_t row = 0; row < rows[static_cast<size_t>(task)]; ++row) {
      least = std::min(least, times[row]);
      most = std::max(most, times[row]);
    }
    // Within the block that is under way, draws of the next pass may come before those of the last.
    EXPECT_LE(most - least,
              1 + static_cast<int>(std::ceil(GetParam().weights[static_cast<size_t>(task)])))
        << "task " << task;
  }
}

TEST_P(LowerMixture, RefusesTasksWithoutRows) {
  lower::Unit unit("test");
  lower::lower_mixture(unit, GetParam(), "f");
  Fn* fn = compile(std::move(unit));
  for (const auto& row : {std::vector<int64_t>{5, 0, 0, 0}, std::vector<int64_t>{5, 7, 100, 31}}) {
    EXPECT_EQ(fn(nullptr, row.data(), 42, sink_.get()),
              interp::draw(GetParam(), row.data(), 42, sink_.get()));
  }
}

INSTANTIATE_TEST_SUITE_P(Units, LowerMixture,
                         ::testing::Values(row::Mixture{row::MixtureUnit::copies, {3, 1, 0.5}},
                                           row::Mixture{row::MixtureUnit::copies, {0, 1, 2}},
                                           row::Mixture{row::MixtureUnit::shares, {1, 2, 1}}));

TEST_F(Lower, ABlockOfCopiesHoldsEveryRowThatManyTimes) {
  const row::Mixture mixture{row::MixtureUnit::copies, {2, 1}};
  std::map<std::pair<int64_t, int64_t>, int> times;
  for (int64_t position = 0; position < 2 * 13 + 5; ++position) {
    const int64_t row[] = {position, 13, 5};
    ASSERT_EQ(interp::draw(mixture, row, 1, sink_.get()), REXP_OK);
    const abi::Draw d = abi::unpack_draw(sink_.value());
    ++times[{d.task, d.row}];
  }
  EXPECT_EQ(times.size(), 18u);
  for (const auto& [draw, n] : times) EXPECT_EQ(n, draw.first == 0 ? 2 : 1);
}

}  // namespace
}  // namespace rexp::testing
