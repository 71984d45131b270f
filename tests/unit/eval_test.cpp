#include "runtime/base/json.h"
#include "runtime/eval/evaluate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "runtime/base/random.h"
#include "runtime/eval/tally.h"

namespace rexp::eval {
namespace {

/// The formulas that the library has for hit@k, recall@k, ndcg@k, mrr@k, mrr and prefix@n@k, in C++.
double reference(const std::string& name, int64_t rank) {
  if (rank == 0) return 0;
  if (name.starts_with("ndcg")) return 1 / std::log2(static_cast<double>(rank) + 1);
  if (name.starts_with("mrr")) return 1 / static_cast<double>(rank);
  return 1;
}

std::vector<Metric> metrics_of(const std::vector<std::string>& names) {
  std::vector<Metric> out;
  for (const std::string& name : names) {
    Metric metric{name, 0, 0, [name](int64_t rank) { return Result(reference(name, rank)); }};
    const size_t last = name.rfind('@'), first = name.find('@');
    if (last != std::string::npos) metric.depth = std::stoi(name.substr(last + 1));
    if (first != last) metric.levels = std::stoi(name.substr(first + 1));
    out.push_back(std::move(metric));
  }
  return out;
}

std::string temporary(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("rexp_eval_test_" + name)).string();
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
      evaluate({two_users()}, std::vector<int32_t>{1, 3}, kCodes,
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
  ASSERT_EQ(e->notes.size(), 2u);
  EXPECT_NE(e->notes[0].find("all users have the same `hit@1`, `hit@2`"), std::string::npos);
  EXPECT_NE(e->notes[1].find("no item"), std::string::npos);
}

TEST(Evaluate, BaselinesTakeTheirCodesFromTheirItems) {
  Guesses g = Guesses::empty(0);
  g.add(2, 0, 3), g.add(0, 1, 2), g.end_user();
  const auto e =
      evaluate({g}, std::vector<int32_t>{1}, kCodes,
               metrics_of({"hit@2", "prefix@1@1", "prefix@2@1", "prefix@2@2"}), {.resamples = 0});
  ASSERT_TRUE(e.ok());
  std::vector<double> values;
  for (const MetricRow& row : e->rows) values.push_back(row.value);
  EXPECT_EQ(values, (std::vector<double>{0, 1, 0, 1}));
}

TEST(Evaluate, PrefixMetricsNeedSemanticIdsOfThatDepth) {
  const Guesses g = two_users();
  const std::vector<int32_t> targets = {1, 3};
  EXPECT_FALSE(evaluate({g}, targets, {}, metrics_of({"prefix@1@10"}), {}).ok());
  EXPECT_FALSE(evaluate({g}, targets, kCodes, metrics_of({"prefix@3@10"}), {}).ok());
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
  const auto e = evaluate({g}, targets, codes, metrics_of(names), {.resamples = 200, .stream = 3});
  ASSERT_TRUE(e.ok());
  const PerUser& values = e->per_user[0];
  for (const auto& [small, large] :
       {std::pair("hit@1", "hit@5"), std::pair("hit@5", "hit@10"), std::pair("ndcg@5", "hit@5"),
        std::pair("mrr@5", "mrr"), std::pair("prefix@1@5", "prefix@1@10"),
        std::pair("prefix@2@10", "prefix@1@10"), std::pair("hit@10", "prefix@2@10")}) {
    for (size_t u = 0; u < targets.size(); ++u)
      EXPECT_LE(values.column(small)[u], values.column(large)[u]) << small << " " << large;
  }
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

TEST(Guesses, AFileThatIsWholeAndWrongDoesNotLoad) {
  const std::string path = temporary("wrong.bin");
  const auto refused = [&](const std::function<void(Guesses&)>& change) {
    std::vector<Guesses> lists = {two_users()};
    change(lists[0]);
    EXPECT_TRUE(save(lists, path).ok());
    return !load_guesses(path).ok();
  };
  EXPECT_FALSE(refused([](Guesses&) {}));
  EXPECT_TRUE(refused([](Guesses& g) { g.items[0] = -2; }));
  EXPECT_TRUE(refused([](Guesses& g) { g.answers[0] = -1; }));
  EXPECT_TRUE(refused([](Guesses& g) { g.answers[0] = 2'000'000'000; }));
  EXPECT_TRUE(refused([](Guesses& g) { g.offsets[1] = 1'000; }));
  EXPECT_TRUE(refused([](Guesses& g) { g.seen = static_cast<Seen>(7); }));
  EXPECT_TRUE(refused([](Guesses& g) { g.target_ranks = {-1, 1}; }));
  EXPECT_TRUE(refused([](Guesses& g) { g.depth = -1; }));
  std::filesystem::remove(path);
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

TEST(Evaluate, FormulasSeeTheRankWithinTheirDepth) {
  Guesses g = Guesses::empty(0);
  std::vector<std::vector<int32_t>> codes;
  for (int32_t item = 0; item < 300; ++item) {
    g.add(item, item, -item);
    codes.push_back({item / 100, item % 100});
  }
  g.end_user();
  std::vector<int64_t> seen;
  const auto keep = [&](int64_t rank) {
    seen.push_back(rank);
    return Result(0.0);
  };
  const std::vector<Metric> metrics = {{"hit@200", 200, 0, keep},
                                       {"hit@199", 199, 0, keep},
                                       {"mrr", 0, 0, keep},
                                       {"prefix@1@200", 200, 1, keep},
                                       {"prefix@1@100", 100, 1, keep}};
  ASSERT_TRUE(evaluate({g}, std::vector<int32_t>{199}, codes, metrics, {.resamples = 0}).ok());
  EXPECT_EQ(seen, (std::vector<int64_t>{200, 0, 200, 101, 0}));
  const std::vector<Metric> faulty = {
      {"hit@1", 1, 0, [](int64_t) { return Result<double>(internal_error("no")); }}};
  EXPECT_FALSE(evaluate({g}, std::vector<int32_t>{199}, codes, faulty, {}).ok());
}

TEST(Tally, CountsOneGuessPerAnswerByKeyAndClass) {
  const auto rank = [](int64_t r, int64_t) { return Result(r); };
  const auto known = [](int64_t, int64_t item) { return Result<int64_t>(item < 0 ? 0 : 2); };
  const Result<Tally> t = tally(two_users(), rank, known, 3);
  ASSERT_TRUE(t.ok());
  ASSERT_EQ(t->rows.size(), 2u);
  EXPECT_EQ(t->rows[0].counts, (std::vector<int64_t>{1, 0, 1}));
  EXPECT_EQ(t->rows[1].counts, (std::vector<int64_t>{0, 0, 2}));
  const nlohmann::json json = to_json(std::vector<Tally>{*t}, {"unknown", "cold", "known"});
  EXPECT_EQ(json["tallies"][0]["rows"][0]["shares"], (std::vector<double>{0.5, 0, 0.5}));
  const auto first = [](int64_t r, int64_t) { return Result<int64_t>(r == 1 ? 1 : -1); };
  EXPECT_EQ(tally(two_users(), first, known, 3)->rows.size(), 1u) << "a negative key leaves out";
  EXPECT_FALSE(tally(two_users(), rank, known, 2).ok());
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

TEST(Bootstrap, AShareOfNoneOrAllHasWilsonsInterval) {
  const Interval none = interval_of_equals(0, 0, 1, 943, 0.95);
  EXPECT_EQ(none.mean, 0);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 3.841459 / (943 + 3.841459), 1e-7);
  const Interval all = interval_of_equals(1, 0, 1, 50, 0.95);
  EXPECT_NEAR(all.low, 50 / (50 + 3.841459), 1e-7);
  EXPECT_EQ(all.high, 1);
}

TEST(Evaluate, UsersWhoAreAllAlikeLeaveTheIntervalOpen) {
  Guesses g = Guesses::empty(0);
  std::vector<int32_t> targets;
  for (int32_t user = 0; user < 96; ++user) {
    for (int32_t rank = 0; rank < 4; ++rank) g.add(rank, rank, -rank);
    g.end_user();
    targets.push_back(user % 2 == 0 ? 7 : 1);
  }
  auto e = evaluate({g}, targets, {}, metrics_of({"hit@1", "ndcg@10", "hit@2"}), {.stream = 1});
  ASSERT_TRUE(e.ok());
  const double share = 3.841459 / (96 + 3.841459);
  EXPECT_EQ(e->rows[0].value, 0);
  EXPECT_EQ(e->rows[0].low, 0);
  EXPECT_NEAR(e->rows[0].high, share, 1e-6);
  EXPECT_NEAR(e->rows[2].value, 0.5, 1e-12);
  EXPECT_LT(e->rows[2].high, 0.7) << "the bootstrap's, where users differ";
  ASSERT_EQ(e->notes.size(), 1u);
  EXPECT_NE(e->notes[0].find("all users have the same `hit@1`"), std::string::npos) << e->notes[0];

  // at best every user of the share that differs could have the most that the formula gives
  for (int32_t& target : targets) target = 7;
  e = evaluate({g}, targets, {}, metrics_of({"ndcg@10"}), {.stream = 1});
  ASSERT_TRUE(e.ok());
  EXPECT_NEAR(e->rows[0].high, share, 1e-6);
  EXPECT_EQ(e->rows[0].low, 0);
  e = evaluate({g}, targets, {}, metrics_of({"ndcg@10"}), {.resamples = 0, .stream = 1});
  EXPECT_EQ(e->rows[0].high, 0) << "no interval was asked for";
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

TEST(Bootstrap, SeedsAreDrawnAsBlocks) {
  // Users agree in each seed and seeds differ: the users alone would be sure of a mean that the next seed moves.
  std::vector<double> values, first;
  for (uint64_t u = 0; u < 200; ++u) {
    for (uint64_t seed = 0; seed < 3; ++seed)
      values.push_back(0.1 * static_cast<double>(seed) + 0.01 * uniform(3, u));
    first.push_back(values[3 * u]);
  }
  const Interval all = seeds_bootstrap(values, 200, 3, {.stream = 1});
  EXPECT_NEAR(all.mean, 0.105, 0.001);
  EXPECT_LT(all.low, 0.04);
  EXPECT_GT(all.high, 0.17);
  const Interval one = seeds_bootstrap(first, 200, 1, {.stream = 1});
  const Interval plain = bootstrap(first, 200, 1, {.stream = 1})[0];
  EXPECT_EQ(one.low, plain.low);
  EXPECT_EQ(one.high, plain.high);
}

TEST(Bootstrap, HolmAdjustsFromTheSmallest) {
  EXPECT_EQ(holm({}), std::vector<double>{});
  const std::vector<double> p = holm({0.04, 0.01, 0.03});
  EXPECT_DOUBLE_EQ(p[1], 0.03);
  EXPECT_DOUBLE_EQ(p[2], 0.06);
  EXPECT_DOUBLE_EQ(p[0], 0.06) << "never below a smaller one";
  EXPECT_EQ(holm({0.8, 0.9}), (std::vector<double>{1, 1}));
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
