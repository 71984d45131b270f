// Points of a sweep beside each other: intervals over users and seeds, paired differences, Holm, and what is shown of them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runtime/base/random.h"
#include "runtime/eval/evaluate.h"
#include "runtime/sweep/grid.h"
#include "runtime/sweep/output.h"

namespace rexp::sweep {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kUsers = 300;

/// A store that holds nothing but evaluations.
class SweepTest : public testing::Test {
 protected:
  SweepTest()
      : folder(testing::TempDir() + "sweep." + std::to_string(::getpid()) + "." +
               testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~SweepTest() override { fs::remove_all(folder); }

  /// An evaluation in which user u hits when the u-th number of `stream` is below `rate`.
  Evaluation evaluated(const std::string& key, double rate, uint64_t stream,
                       const std::string& questions = "rows", int64_t users = kUsers) {
    const std::string at = folder + "/artifacts/" + key;
    fs::create_directories(at);
    eval::PerUser values;
    values.metrics = {"hit@10"};
    double sum = 0;
    for (int64_t u = 0; u < users; ++u) {
      values.ranks.push_back(0);
      values.values.push_back(uniform(stream, static_cast<uint64_t>(u)) < rate ? 1 : 0);
      sum += values.values.back();
    }
    const double mean = sum / static_cast<double>(users);
    EXPECT_TRUE(eval::save({values}, at + "/per_user.bin").ok());
    std::ofstream(at + "/metrics.json") << nlohmann::json{{"rows",
                                                           {{{"seen", "keep"},
                                                             {"metric", "hit@10"},
                                                             {"value", mean},
                                                             {"low", mean - 0.01},
                                                             {"high", mean + 0.02},
                                                             {"n", users}}}},
                                                          {"notes", nlohmann::json::array()}};
    return {"accuracy", 0, "e/tune", "last_one", "test", key, questions};
  }

  std::vector<Row> rows_of(const Sweep& sweep) {
    auto rows = compare(sweep, folder);
    EXPECT_TRUE(rows.ok()) << rows.error().message;
    return rows.ok() ? *rows : std::vector<Row>{};
  }

  std::string folder;
};

TEST_F(SweepTest, PairsByUserAndBySeed) {
  Sweep sweep{"s", "e", {"a.lr"}, {{"1"}, {"2"}, {"3"}}, {}};
  for (uint64_t seed = 7; seed < 10; ++seed) {
    sweep.trials.push_back({0, seed, "", {evaluated("a" + std::to_string(seed), .2, seed)}});
    sweep.trials.push_back({1, seed, "", {evaluated("b" + std::to_string(seed), .25, seed)}});
    sweep.trials.push_back({2, seed, "", {evaluated("c" + std::to_string(seed), .2, seed)}});
  }
  const std::vector<Row> rows = rows_of(sweep);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].seeds, 3);
  EXPECT_EQ(rows[0].users, kUsers);
  EXPECT_FALSE(rows[0].against_first);
  EXPECT_NEAR(rows[0].value, .2, .03);
  EXPECT_LT(rows[0].low, rows[0].value);
  EXPECT_LT(rows[0].value, rows[0].high);
  ASSERT_TRUE(rows[1].against_first);
  EXPECT_NEAR(rows[1].against_first->value, rows[1].value - rows[0].value, 1e-12);
  EXPECT_TRUE(rows[1].against_first->resolved())
      << "the same users and seeds, a twentieth of them changed";
  EXPECT_LT(rows[1].low, rows[0].high) << "unpaired, the intervals overlap";
  ASSERT_TRUE(rows[2].against_first);
  EXPECT_EQ(rows[2].against_first->value, 0);
  EXPECT_EQ(rows[2].against_first->p, 1);
}

TEST_F(SweepTest, OneSeedKeepsTheIntervalOfItsOwnTable) {
  const Sweep sweep{"s", "e", {"lr"}, {{"1"}}, {{0, 7, "", {evaluated("a", .2, 1)}}}};
  const std::vector<Row> rows = rows_of(sweep);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].low, rows[0].value - 0.01);
  EXPECT_EQ(rows[0].high, rows[0].value + 0.02);
}

TEST_F(SweepTest, PointsThatWereAskedOtherQuestionsAreNotPaired) {
  const Sweep sweep{"s",
                    "e",
                    {"lr"},
                    {{"1"}, {"2"}, {"3"}},
                    {{0, 7, "", {evaluated("a", .2, 1)}},
                     {1, 7, "", {evaluated("b", .2, 1, "other rows")}},
                     {2, 7, "", {evaluated("c", .2, 1, "rows", 200)}}}};
  const std::vector<Row> rows = rows_of(sweep);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_FALSE(rows[1].against_first);
  EXPECT_FALSE(rows[2].against_first);
}

TEST_F(SweepTest, APointThatFailedIsLeftOut) {
  Sweep sweep{"s", "e", {"lr"}, {{"1"}, {"2"}, {"3"}}, {}};
  sweep.trials.push_back({0, 7, "", {evaluated("a", .2, 1)}});
  sweep.trials.push_back({2, 7, "", {evaluated("c", .2, 2)}});
  const std::vector<Row> rows = rows_of(sweep);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].point, 2);
  const std::string table = terminal_table(sweep, rows, false);
  EXPECT_NE(table.find("\n2  2   –\n"), std::string::npos) << table;
}

TEST_F(SweepTest, DamageNamesTheRunToRepeat) {
  Sweep sweep{"s", "e", {"lr"}, {{"1"}, {"2"}}, {}};
  sweep.trials.push_back({0, 7, "", {evaluated("a", .2, 1)}, 3});
  std::ofstream(folder + "/artifacts/a/per_user.bin", std::ios::app) << "x";
  const auto rows = compare(sweep, folder);
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::user);
  EXPECT_NE(rows.error().help.find("--only 3"), std::string::npos) << rows.error().help;
}

TEST_F(SweepTest, TwoAxesAgainstEachOther) {
  Sweep sweep{"s", "e", {"mix", "base", "lr"}, {}, {}};
  const std::vector<std::vector<std::string>> points = {
      {"all", "small", "1"}, {"all", "large", "1"}, {"only", "small", "1"}, {"all", "small", "2"}};
  for (const auto& point : points) {
    const auto at = static_cast<int64_t>(sweep.points.size());
    sweep.points.push_back(point);
    sweep.trials.push_back(
        {at, 7, "", {evaluated("k" + std::to_string(at), .2, static_cast<uint64_t>(at))}});
  }
  sweep.cross = Cross{0, 1, "accuracy", 0};
  const std::vector<Row> rows = rows_of(sweep);
  const std::vector<CrossTable> tables = cross_tables(sweep, rows);
  ASSERT_EQ(tables.size(), 2u) << "one for each value of the third axis";
  EXPECT_EQ(tables[0].title, "hit@10 · seen items may come again · lr=1");
  EXPECT_EQ(tables[0].corner, "mix \\ base");
  EXPECT_EQ(tables[0].rows, (std::vector<std::string>{"all", "only"}));
  EXPECT_EQ(tables[0].columns, (std::vector<std::string>{"small", "large"}));
  EXPECT_EQ(tables[0].cells[0][1], &rows[1]);
  EXPECT_EQ(tables[0].cells[1][0], &rows[2]);
  EXPECT_EQ(tables[0].cells[1][1], nullptr);
  EXPECT_EQ(tables[1].cells[0][0], &rows[3]);
  EXPECT_NE(terminal_table(sweep, rows, false).find("mix \\ base"), std::string::npos);
}

TEST(SweepNames, AreTheShortestThatDiffer) {
  EXPECT_EQ(short_names({"learn.optimizer.lr", "learn.batch"}),
            (std::vector<std::string>{"lr", "batch"}));
  EXPECT_EQ(short_names({"warm_up.batch", "tune.batch", "mix"}),
            (std::vector<std::string>{"warm_up.batch", "tune.batch", "mix"}));
}

TEST_F(SweepTest, ValuesOfAxesAreQuotedAndEscaped) {
  const Sweep sweep{"s", "e", {"ask"}, {{"\"<a>, b\""}}, {{0, 7, "key", {evaluated("a", .2, 1)}}}};
  const std::vector<Row> rows = rows_of(sweep);
  EXPECT_NE(rows_csv(sweep, rows).find("1,\"\"\"<a>, b\"\"\",accuracy,0,"), std::string::npos)
      << rows_csv(sweep, rows);
  const std::string page = html_page(sweep, rows, {"../x.html"}, {"run 2 failed: <b>"});
  EXPECT_EQ(page.find("<a>"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_NE(page.find("../x.html"), std::string::npos);
  EXPECT_EQ(rows_json(sweep, rows)[0]["values"]["ask"], "\"<a>, b\"");
}

}  // namespace
}  // namespace rexp::sweep
