#include "runtime/abi/row_helpers.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>

#include "runtime/base/random.h"
#include "tests/property/row_fixture.h"

namespace rexp::testing {
namespace {

std::string real_text(double value) {
  abi::SinkBuffer sink;
  rexp_rk_text_float(sink.get(), value);
  return std::string(sink.text());
}

TEST(RowHelpers, NumbersAreWrittenShortAndExact) {
  EXPECT_EQ(real_text(0.1), "0.1");
  EXPECT_EQ(real_text(3), "3");
  EXPECT_EQ(real_text(-0.0), "-0");
  EXPECT_EQ(real_text(1e300), "1e+300");
  EXPECT_EQ(real_text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(real_text(std::copysign(std::numeric_limits<double>::quiet_NaN(), -1)), "nan");
  abi::SinkBuffer sink;
  rexp_rk_text_int(sink.get(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(sink.text(), "-9223372036854775808");
}

TEST(RowHelpers, ATextIsTakenFromBehindTheMarkAndOutlivesTheStretch) {
  abi::SinkBuffer sink;
  rexp_rk_text(sink.get(), "before", 6);
  const int64_t mark = rexp_rk_text_mark(sink.get());
  rexp_rk_text(sink.get(), "taken", 5);
  RexpText text;
  rexp_rk_text_take(sink.get(), mark, &text);
  EXPECT_EQ(sink.text(), "before");
  for (int i = 0; i < 10000; ++i) rexp_rk_text(sink.get(), "grows", 5);
  EXPECT_EQ(std::string_view(text.data, static_cast<size_t>(text.size)), "taken");
}

TEST(RowHelpers, LengthCountsCodePointsAndOrderIsByBytes) {
  const std::string a = "电影a", b = "电影b";
  const RexpText x{a.data(), static_cast<int64_t>(a.size())},
      y{b.data(), static_cast<int64_t>(b.size())};
  EXPECT_EQ(rexp_rk_text_length(&x), 3);
  EXPECT_EQ(rexp_rk_text_compare(&x, &y), -1);
  EXPECT_EQ(rexp_rk_text_compare(&x, &x), 0);
}

TEST(RowHelpers, MostCommonBreaksTiesByFirstAppearance) {
  abi::SinkBuffer sink;
  const std::string words[] = {"b", "a", "c", "a", "b", "d"};
  RexpList in{}, out{};
  for (const std::string& w : words)
    rexp_rk_list_push(sink.get(), &in, std::bit_cast<int64_t>(w.data()), 1);
  rexp_rk_most_common(sink.get(), &in, 3, &out);
  std::string got;
  for (int64_t i = 0; i < out.size; ++i) got += *std::bit_cast<const char*>(out.data[i].a);
  EXPECT_EQ(got, "bac");
  rexp_rk_most_common(sink.get(), &in, -1, &out);
  EXPECT_EQ(out.size, 0);
}

TEST(RowHelpers, AVariantOfWeightZeroIsNeverChosenAndTheOthersByWeight) {
  const double cumulative[] = {1, 1, 4};
  std::map<int64_t, int> times;
  for (uint64_t i = 0; i < 40000; ++i) ++times[rexp_rk_choose(stream(1, i), 0, cumulative, 3)];
  EXPECT_EQ(times.count(1), 0u);
  EXPECT_NEAR(times[0], 10000, 300);
  EXPECT_NEAR(times[2], 30000, 300);
}

TEST(RowHelpers, AnOpenMarkIsWhatComesBeforeTheFirstCode) {
  const World world;
  const RexpRowContext context = world.context(nullptr);
  abi::SinkBuffer sink;
  rexp_rk_emit_sid(sink.get(), &context.sids[0], 1, 1);
  EXPECT_EQ(std::vector<int32_t>(sink.ids().begin(), sink.ids().end()),
            (std::vector<int32_t>{900, 701, 721, 901}));
  EXPECT_EQ(std::vector<uint8_t>(sink.levels().begin(), sink.levels().end()),
            (std::vector<uint8_t>{0, 1, 2, 0}));
  sink.clear();
  rexp_rk_emit_open(sink.get(), &context.sids[0], 0);
  rexp_rk_emit_open(sink.get(), &context.sids[1], 0);
  EXPECT_EQ(std::vector<int32_t>(sink.ids().begin(), sink.ids().end()),
            (std::vector<int32_t>{900}));
}

TEST(RowHelpers, ASampleIsEveryElementWithEqualChance) {
  abi::SinkBuffer sink;
  RexpPair numbers[] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}};
  const RexpList in{numbers, 4, 4};
  RexpList out{};
  std::map<std::pair<int64_t, int64_t>, int> pairs;
  for (uint64_t i = 0; i < 12000; ++i) {
    sink.clear();
    rexp_rk_sample(sink.get(), &in, 2, stream(1, i), 0, &out);
    ASSERT_EQ(out.size, 2);
    ++pairs[{out.data[0].a, out.data[1].a}];
  }
  EXPECT_EQ(pairs.size(), 12u);
  for (const auto& [pair, times] : pairs) EXPECT_NEAR(times, 1000, 150);
}

TEST(TextCache, GivesTheTokensOfTheWholeText) {
  const text::Tokenizer tokenizer = small_tokenizer();
  static const std::vector<std::string> kParts = {
      "《",       "》、", "Toy Story (1995)", "user (user)", "喜剧之王",    " to", "\n\n", "us",
      "er, us 1", "'s",   "\u0301x y",        "\xE5\x96",    "\x9C to to 7"};
  for (const size_t most_bytes : {size_t{0}, size_t{3000}, size_t{1} << 20}) {
    abi::TextCache cache(tokenizer, most_bytes);
    for (uint64_t seed = 0; seed < 2000; ++seed) {
      std::string text;
      std::vector<int64_t> ends;
      for (uint64_t i = 0; i < 8; ++i) {
        text += kParts[below(seed, i, kParts.size())];
        ends.push_back(static_cast<int64_t>(text.size()));
      }
      std::vector<int32_t> whole, remembered;
      tokenizer.encode(text, text::Specials::deny, &whole);
      cache.encode(text, ends, &remembered);
      ASSERT_EQ(whole, remembered) << text;
    }
  }
}

}  // namespace
}  // namespace rexp::testing
