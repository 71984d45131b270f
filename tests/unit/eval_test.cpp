#include "runtime/eval/evaluate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/base/random.h"

namespace rexp::eval {
namespace {

std::vector<Metric> metrics_of(const std::vector<std::string>& names) {
  std::vector<Metric> out;
  for (const std::string& name : names) {
    const Result<Metric> metric = parse_metric(name);
    EXPECT_TRUE(metric.ok()) << name;
    out.push_back(*metric);
  }
  return out;
}

std::string temporary(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("rexp_eval_test_" + name)).string();
}

TEST(Metric, NamesReadBackAsTheyAreWritten) {
  for (const char* name :
       {"hit@1", "hit@10", "recall@20", "ndcg@10", "mrr", "mrr@5", "prefix@2@10"}) {
    const Result<Metric> metric = parse_metric(name);
    ASSERT_TRUE(metric.ok()) << name;
    EXPECT_EQ(to_string(*metric), name);
  }
}

TEST(Metric, WrongNamesAreRefused) {
  for (const char* name : {"", "hit", "hit@", "hit@0", "hit@-1", "hit@1@2", "hit@1x", "prefix@2",
                           "prefix@0@3", "auc@10", "mrr@"})
    EXPECT_FALSE(parse_metric(name).ok()) << name;
}

TEST(Metric, ValuesFollowTheDefinitions) {
  const auto at = [](const char* name, int64_t rank) {
    return value(*parse_metric(name), rank, {});
  };
  EXPECT_EQ(at("hit@10", 10), 1);
  EXPECT_EQ(at("hit@10", 11), 0);
  EXPECT_EQ(at("hit@10", 0), 0);
  EXPECT_DOUBLE_EQ(at("ndcg@10", 1), 1);
  EXPECT_DOUBLE_EQ(at("ndcg@10", 3), 0.5);
  EXPECT_DOUBLE_EQ(at("mrr", 40), 1.0 / 40);
  EXPECT_EQ(at("mrr@10", 40), 0);
}

// Two users, semantic ids of two codes. Items 0 and 1 share an id.
const std::vector<std::vector<int32_t>> kCodes = {{1, 5}, {1, 5}, {1, 6}, {2, 7}};

Guesses two_users() {
  Guesses g = Guesses::empty(2);
  g.add(0, 0, -1, kCodes[0]), g.add(1, 0, -1, kCodes[1]), g.add(3, 1, -2, kCodes[3]), g.end_user();
  g.add(-1, 0, -1, std::vector<int32_t>{1, 9}), g.add(3, 1, -2, kCodes[3]), g.end_user();
  return g;
}

TEST(Evaluate, ASharedSemanticIdIsNoHitUntilTheItemsOwnRank) {
  const auto e =
      evaluate({"s", "p", "test"}, {two_users()}, std::vector<int32_t>{1, 3}, kCodes,
               metrics_of({"hit@1", "hit@2", "mrr", "prefix@2@1", "prefix@1@1", "prefix@1@2"}),
               {.resamples = 100});
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->per_user[0].ranks, (std::vector<int64_t>{2, 2}));
  const auto value = [&](size_t row) { return e->rows[row].value; };
  EXPECT_EQ(value(0), 0);  // user 0: item 0 stands before item 1; user 1: the first answer is no
                           // item, and keeps its rank
  EXPECT_EQ(value(1), 1);
  EXPECT_EQ(value(2), 0.5);
  EXPECT_EQ(value(3), 0.5);  // user 0 named the right semantic id at once
  EXPECT_EQ(value(4), 0.5);
  EXPECT_EQ(value(5), 1);
  EXPECT_EQ(e->rows[0].seen, "keep");
  EXPECT_EQ(e->rows[0].n, 2);
  ASSERT_EQ(e->notes.size(), 1u);
  EXPECT_NE(e->notes[0].find("no item"), std::string::npos);
}

TEST(Evaluate, BaselinesTakeTheirCodesFromTheirItems) {
  Guesses g = Guesses::empty(0);
  g.add(2, 0, 3), g.add(0, 1, 2), g.end_user();
  const auto e =
      evaluate({"pop", "p", "test"}, {g}, std::vector<int32_t>{1}, kCodes,
               metrics_of({"hit@2", "prefix@1@1", "prefix@2@1", "prefix@2@2"}), {.resamples = 0});
  ASSERT_TRUE(e.ok());
  std::vector<double> values;
  for (const MetricRow& row : e->rows) values.push_back(row.value);
  EXPECT_EQ(values, (std::vector<double>{0, 1, 0, 1}));
}

TEST(Evaluate, PrefixMetricsNeedSemanticIdsOfThatDepth) {
  const Guesses g = two_users();
  const std::vector<int32_t> targets = {1, 3};
  EXPECT_FALSE(evaluate({}, {g}, targets, {}, metrics_of({"prefix@1@10"}), {}).ok());
  EXPECT_FALSE(evaluate({}, {g}, targets, kCodes, metrics_of({"prefix@3@10"}), {}).ok());
}

TEST(Evaluate, SharesByRankCountOneItemPerAnswer) {
  const std::vector<RankShares> shares =
      shares_by_rank(two_users(), std::vector<int64_t>{5, 0, 1, 1});
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_DOUBLE_EQ(shares[0].warm, 0.5);
  EXPECT_DOUBLE_EQ(shares[0].invalid, 0.5);
  EXPECT_DOUBLE_EQ(shares[1].tail, 1);
  EXPECT_EQ(shares[1].users, 2);
}

TEST(Evaluate, InvariantsHoldOnRandomLists) {
  const std::vector<std::string> names = {"hit@1",      "hit@5",       "hit@10",     "ndcg@5",
                                          "ndcg@10",    "mrr@5",       "mrr",        "recall@10",
                                          "prefix@1@5", "prefix@1@10", "prefix@2@10"};
  std::vector<std::vector<int32_t>> codes;
  for (uint64_t i = 0; i < 40; ++i)
    codes.push_back(
        {static_cast<int32_t>(below(1, 2 * i, 4)), static_cast<int32_t>(below(1, 2 * i + 1, 6))});
  Guesses g = Guesses::empty(2);
  std::vector<int32_t> targets;
  for (uint64_t user = 0; user < 200; ++user) {
    targets.push_back(static_cast<int32_t>(below(2, user, 40)));
    for (uint64_t rank = 0; rank < 12; ++rank) {
      const int32_t item = static_cast<int32_t>(permute(40, rank, user));
      g.add(item, static_cast<int32_t>(rank), -static_cast<double>(rank), codes[item]);
    }
    g.end_user();
  }
  const auto e = evaluate({"random", "p", "test"}, {g}, targets, codes, metrics_of(names),
                          {.resamples = 200, .stream = 3});
  ASSERT_TRUE(e.ok());  // evaluate() itself asserts the inequalities for every user
  for (const MetricRow& row : e->rows) {
    EXPECT_LE(row.low, row.value);
    EXPECT_GE(row.high, row.value);
    EXPECT_GE(row.low, 0);
    EXPECT_LE(row.high, 1);
  }
  EXPECT_EQ(e->rows[2].value, e->rows[7].value);  // hit@10, recall@10
}

TEST(Guesses, FilesReadBackAndDamageIsNoticed) {
  const std::string path = temporary("guesses.bin");
  std::vector<Guesses> lists = {two_users(), Guesses::empty(0, Seen::drop)};
  lists[1].add(4, 0, 0.5), lists[1].end_user();
  lists[1].target_ranks = {17};
  ASSERT_TRUE(save(lists, path).ok());
  Result<std::vector<Guesses>> read = load_guesses(path);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, lists);

  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
  const Result<std::vector<Guesses>> cut = load_guesses(path);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().file, path);
  std::filesystem::remove(path);
  EXPECT_FALSE(load_guesses(path).ok());
}

TEST(PerUser, FilesReadBack) {
  const std::string path = temporary("per_user.bin");
  const std::vector<PerUser> values = {{Seen::drop, {"hit@1", "mrr"}, {1, 0}, {1, 1, 0, 0}}};
  ASSERT_TRUE(save(values, path).ok());
  const Result<std::vector<PerUser>> read = load_per_user(path);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, values);
  EXPECT_EQ(values[0].column("mrr"), (std::vector<double>{1, 0}));
  EXPECT_TRUE(values[0].column("hit@2").empty());
  EXPECT_FALSE(load_guesses(path).ok()) << "a file of another kind";
  std::filesystem::remove(path);
}

TEST(MetricRow, JsonReadsBack) {
  const MetricRow row{"a/b", "last_one", "test", "drop", "hit@10", 0.125, 0.1, 0.15, 943};
  const Result<MetricRow> read = metric_row_from_json(to_json(row));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, row);
  EXPECT_FALSE(metric_row_from_json(nlohmann::json{{"system", "a"}}).ok());
}

TEST(RankScores, TiesGoToTheLowerItemAndExcludedItemsLeaveTheRanking) {
  const std::vector<double> scores = {1, 3, 3, 2, NAN, 3};
  ScoredRanking r = rank_scores(scores, 4, {}, 5);
  EXPECT_EQ(r.items, (std::vector<int32_t>{1, 2, 5, 3}));
  EXPECT_EQ(r.target_rank, 3);
  EXPECT_EQ(r.tied, 2);
  r = rank_scores(scores, 10, std::vector<int32_t>{1, 5, 99, -1}, 4);
  EXPECT_EQ(r.items, (std::vector<int32_t>{2, 3, 0, 4}));
  EXPECT_EQ(r.target_rank, 4);
  EXPECT_EQ(rank_scores(scores, 3, std::vector<int32_t>{5}, 5).target_rank, 0);
}

TEST(Bootstrap, IntervalOfAShareIsThatOfTheBinomial) {
  std::vector<double> hits(943, 0);
  for (int u = 0; u < 141; ++u) hits[u] = 1;  // HR .15 at 943 users: half-width about .023
  const Interval i = bootstrap(hits, 943, 1, {.stream = 5})[0];
  const double half = 1.96 * std::sqrt(i.mean * (1 - i.mean) / 943);
  EXPECT_NEAR(i.low, i.mean - half, 0.002);
  EXPECT_NEAR(i.high, i.mean + half, 0.002);
}

TEST(Bootstrap, ColumnsShareTheirDrawsAndTheStreamDecides) {
  std::vector<double> one, two;
  for (uint64_t u = 0; u < 50; ++u) {
    one.push_back(uniform(9, u));
    two.push_back(one.back()), two.push_back(2 * one.back());
  }
  const auto a = bootstrap(one, 50, 1, {.resamples = 500, .stream = 1});
  const auto b = bootstrap(two, 50, 2, {.resamples = 500, .stream = 1});
  EXPECT_EQ(a[0].low, b[0].low);
  EXPECT_DOUBLE_EQ(2 * a[0].high, b[1].high);
  EXPECT_NE(a[0].low, bootstrap(one, 50, 1, {.resamples = 500, .stream = 2})[0].low);
}

TEST(Bootstrap, PairedDifferenceSeesWhatSeparateIntervalsCannot) {
  std::vector<double> a, b;
  for (uint64_t u = 0; u < 400; ++u) {
    b.push_back(uniform(4, u));
    a.push_back(b.back() + 0.02 + 0.01 * (uniform(5, u) - 0.5));
  }
  const Difference d = paired_difference(a, b, {.stream = 7});
  EXPECT_NEAR(d.interval.mean, 0.02, 0.001);
  EXPECT_TRUE(d.resolved());
  EXPECT_LT(d.p_value, 0.001);
  EXPECT_FALSE(paired_difference(b, b, {.stream = 7}).resolved());
  EXPECT_EQ(paired_difference(b, b, {.stream = 7}).p_value, 1);
  const Interval alone = bootstrap(a, 400, 1, {.stream = 7})[0];
  EXPECT_LT(alone.low, bootstrap(b, 400, 1, {.stream = 7})[0].high)
      << "unpaired, the intervals overlap";
}

TEST(Bootstrap, TenMetricsOfML100kTakeLessThanASecond) {
  std::vector<double> values(943 * 20, 0.5);
  const auto start = std::chrono::steady_clock::now();
  bootstrap(values, 943, 20, {});
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  RecordProperty("seconds", std::to_string(seconds));
  EXPECT_LT(seconds, 20) << "far slower than it should be even on a busy machine";
}

}  // namespace
}  // namespace rexp::eval
