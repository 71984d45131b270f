#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <set>

#include "runtime/base/random.h"
#include "runtime/decode/exact.h"
#include "runtime/decode/recommend.h"
#include "runtime/decode/search.h"
#include "runtime/model/packing.h"
#include "runtime/model/transformer.h"

#include "tests/unit/decode_world.h"

namespace rexp::decode {
namespace {

constexpr ScoreRule kRules[] = {ScoreRule::model, ScoreRule::level, ScoreRule::trie};
constexpr double kNoise = 2e-5;  // fp32 sums in another order

/// A ranking holds exactly the allowed keys with the best scores.
void expect_best(const World& w, const Ranking& ranking, std::span<const double> scores,
                 const Allowed& allowed, int64_t count) {
  const Ranking best = exact_ranking(*w.catalogue, scores, allowed, count);
  ASSERT_EQ(ranking.answers.size(), best.answers.size());
  for (size_t i = 0; i < best.answers.size(); ++i) {
    const Answer& answer = ranking.answers[i];
    ASSERT_GE(answer.key, 0);
    EXPECT_EQ(answer.tokens, w.catalogue->tokens(answer.key));
    EXPECT_NEAR(answer.score, scores[answer.key], kNoise);
    EXPECT_NEAR(answer.score, best.answers[i].score, kNoise) << "rank " << i;  // near ties may swap
    EXPECT_GT(allowed.count({answer.key, answer.key + 1}), 0);
  }
}

void expect_no_repetition(const Ranking& ranking) {
  std::set<std::vector<int32_t>> seen;
  for (const Answer& answer : ranking.answers) {
    EXPECT_TRUE(seen.insert(answer.tokens).second);
    EXPECT_TRUE(std::isfinite(answer.score));
  }
  EXPECT_TRUE(std::is_sorted(ranking.answers.begin(), ranking.answers.end(),
                             [](auto& a, auto& b) { return a.score > b.score; }));
}

TEST(Search, WideBeamsEqualBruteForceUnderEveryRule) {
  const World w(random_keys(1, 60, kThreeLevels), 11, 120, /*shuffled_rows=*/true);
  for (const ScoreRule rule : kRules) {
    for (uint64_t p = 0; p < 3; ++p) {
      const std::vector<int64_t> prompt = w.prompt(p, 3 + 9 * static_cast<int64_t>(p));
      std::vector<double> scores;
      for (int64_t key = 0; key < w.catalogue->keys(); ++key)
        scores.push_back(w.brute_force(prompt, key, rule));
      const Result<std::vector<double>> exact =
          exact_scores(*w.transformer, w.vocabulary, *w.catalogue, rule, prompt);
      ASSERT_TRUE(exact.ok());
      for (size_t key = 0; key < scores.size(); ++key)
        EXPECT_NEAR((*exact)[key], scores[key], kNoise);
      const Ranking all = w.search_one(prompt, {.beams = 1000, .rule = rule});
      expect_no_repetition(all);
      EXPECT_EQ(all.certified(), w.catalogue->keys());
      expect_best(w, all, scores, {&*w.catalogue}, 1000);
    }
  }
}

TEST(Search, TrieProbabilitiesSumToOne) {
  const World w(random_keys(2, 80, kThreeLevels), 12);
  for (uint64_t p = 0; p < 4; ++p) {
    double sum = 0;
    for (const Answer& a :
         w.search_one(w.prompt(p, 10), {.beams = 500, .rule = ScoreRule::trie}).answers)
      sum += std::exp(a.score);
    EXPECT_NEAR(sum, 1, 1e-5);
  }
}

TEST(Search, ACertificateNeverContradictsTheOracle) {
  const World w(random_keys(3, 90, kThreeLevels), 13);
  int64_t certified = 0;
  for (const ScoreRule rule : kRules) {
    for (uint64_t p = 0; p < 6; ++p) {
      const std::vector<int64_t> prompt = w.prompt(p, 8);
      const Result<std::vector<double>> scores =
          exact_scores(*w.transformer, w.vocabulary, *w.catalogue, rule, prompt);
      for (const int64_t beams : {1, 3, 10, 30}) {
        const Ranking r = w.search_one(prompt, {.beams = beams, .rule = rule});
        expect_no_repetition(r);
        Ranking proven = r;
        proven.answers.resize(r.certified());
        certified += r.certified();
        expect_best(w, proven, *scores, {&*w.catalogue}, r.certified());
      }
    }
  }
  EXPECT_GT(certified, 0) << "the test would say nothing";
}

TEST(Search, GreedyIsTheJointArgmaxUnderTeacherForcing) {
  // Greedy returns y exactly when every step's argmax given the true prefix is y's token: no
  // exposure bias in exact match.
  const World w(random_keys(4, 50, kThreeLevels), 14);
  for (const bool constrained : {true, false}) {
    for (uint64_t p = 0; p < 5; ++p) {
      const std::vector<int64_t> prompt = w.prompt(p, 6);
      const Ranking greedy = w.search_one(prompt, {.beams = 1, .constrained = constrained});
      ASSERT_EQ(greedy.answers.size(), 1u);
      for (int64_t key = 0; key < w.catalogue->keys(); ++key) {
        const std::vector<int32_t> tokens = w.catalogue->tokens(key);
        std::vector<int64_t> sequence = prompt;
        for (int32_t token : tokens) sequence.push_back(w.vocabulary.row(token));
        const at::Tensor logits =
            w.transformer->logits(w.transformer->hidden(model::pack({sequence})));
        bool joint = true;
        Node node = w.catalogue->root();
        for (int level = 0; level < 3; ++level) {
          const at::Tensor row = logits[static_cast<int64_t>(prompt.size()) + level - 1];
          int32_t best = -1;
          for (int32_t token = 0; token < 120; ++token) {
            if (constrained && w.catalogue->child(level, node, token).size() == 0) continue;
            if (best < 0 || row[token].item<float>() > row[best].item<float>()) best = token;
          }
          joint &= best == tokens[level];
          node = w.catalogue->child(level, node, tokens[level]);
        }
        EXPECT_EQ(joint, greedy.answers[0].tokens == tokens);
      }
    }
  }
}

TEST(Search, BatchesDoNotMatter) {
  const World w(random_keys(5, 70, kThreeLevels), 15);
  std::vector<Request> requests;
  for (uint64_t p = 0; p < 9; ++p)
    requests.push_back({w.prompt(p, 1 + 7 * static_cast<int64_t>(p % 4)), {{&*w.catalogue}}});
  for (const ScoreRule rule : kRules) {
    const auto alone = w.search(requests, {.beams = 8, .rule = rule, .users_per_batch = 1});
    for (const int64_t batch : {2, 4, 100}) {
      const auto together =
          w.search(requests, {.beams = 8, .rule = rule, .users_per_batch = batch});
      for (size_t i = 0; i < requests.size(); ++i) {
        ASSERT_EQ(together[i][0].answers.size(), alone[i][0].answers.size());
        for (size_t a = 0; a < alone[i][0].answers.size(); ++a) {
          EXPECT_EQ(together[i][0].answers[a].tokens, alone[i][0].answers[a].tokens);
          EXPECT_NEAR(together[i][0].answers[a].score, alone[i][0].answers[a].score, kNoise);
        }
      }
    }
  }
}

TEST(Search, ListsOfBothRegimesComeFromOnePrompt) {
  const World w(random_keys(6, 70, kThreeLevels), 16);
  const std::vector<int64_t> prompt = w.prompt(1, 12);
  for (const ScoreRule rule : kRules) {
    const Ranking all = w.search_one(prompt, {.beams = 1000, .rule = rule});
    std::vector<int32_t> history;
    for (size_t i = 0; i < all.answers.size();
         i += 2)  // every second of the best, with all items of its key
      for (int32_t item : w.catalogue->items_of(all.answers[i].key)) history.push_back(item);
    const Exclusion seen(*w.catalogue, history);
    const auto both = w.search({{prompt, {{&*w.catalogue}, {&*w.catalogue, nullptr, &seen}}}},
                               {.beams = 1000, .rule = rule})[0];
    ASSERT_EQ(both[0].answers.size(), all.answers.size());
    ASSERT_EQ(both[1].answers.size(), all.answers.size() / 2);
    for (size_t i = 0; i < both[1].answers.size(); ++i) {
      EXPECT_EQ(both[1].answers[i].tokens, all.answers[2 * i + 1].tokens)
          << "leaving items out keeps the others' order";
      EXPECT_NEAR(both[1].answers[i].score, all.answers[2 * i + 1].score, kNoise);
    }
    const auto narrow = w.search({{prompt, {{&*w.catalogue}, {&*w.catalogue, nullptr, &seen}}}},
                                 {.beams = 10, .rule = rule})[0];
    EXPECT_EQ(narrow[1].answers.size(), 10u) << "the list stays full";
    const Ranking alone =
        w.search_one(prompt, {.beams = 10, .rule = rule}, {nullptr, nullptr, &seen});
    for (size_t i = 0; i < 10; ++i) EXPECT_EQ(narrow[1].answers[i].tokens, alone.answers[i].tokens);
  }
}

TEST(Search, WithinLimitsItemsAndAnEmptySetIsAnEmptyList) {
  const World w(random_keys(7, 90, kThreeLevels), 17);
  const std::vector<int64_t> prompt = w.prompt(2, 7);
  const ItemSet some = ItemSet::of(*w.catalogue, [](int64_t item) { return item % 4 == 1; });
  const ItemSet none = ItemSet::of(*w.catalogue, [](int64_t) { return false; });
  for (const ScoreRule rule : kRules) {
    const Result<std::vector<double>> scores =
        exact_scores(*w.transformer, w.vocabulary, *w.catalogue, rule, prompt);
    expect_best(w, w.search_one(prompt, {.beams = 500, .rule = rule}, {nullptr, &some}), *scores,
                {&*w.catalogue, &some}, 500);
    EXPECT_TRUE(w.search_one(prompt, {.beams = 5, .rule = rule}, {nullptr, &none}).answers.empty());
  }
}

TEST(Search, EdgeShapesOfCatalogues) {
  const std::vector<std::pair<const char*, Keys>> shapes = {
      {"one item", {{20, 30, 40}}},
      {"one item, one level", {{20}}},
      {"one level", {{20}, {21}, {22}, {23}, {22}}},
      {"single-child chains", {{20, 30, 40, 50}, {21, 31, 41, 51}, {22, 32, 42, 52}}},
      {"chains that branch at the end", {{20, 30, 40, 50}, {20, 30, 40, 51}, {21, 31, 41, 50}}},
      {"shared middle codes", {{20, 30, 40}, {21, 30, 41}, {20, 31, 41}, {21, 31, 40}}},
      {"collisions", {{20, 30}, {20, 30}, {20, 30}, {21, 30}}},
      {"the same token at every level", {{20, 20, 20}, {20, 20, 21}, {21, 20, 20}}},
      {"eight levels",
       random_keys(8, 30,
                   {{10, 2}, {20, 2}, {30, 2}, {40, 2}, {50, 2}, {60, 2}, {70, 2}, {80, 2}})},
  };
  for (const auto& [name, keys] : shapes) {
    SCOPED_TRACE(name);
    const World w(keys, 18);
    const std::vector<int64_t> prompt = w.prompt(3, 5);
    for (const ScoreRule rule : kRules) {
      const Result<std::vector<double>> scores =
          exact_scores(*w.transformer, w.vocabulary, *w.catalogue, rule, prompt);
      const Ranking all = w.search_one(prompt, {.beams = 50, .rule = rule});
      EXPECT_EQ(static_cast<int64_t>(all.answers.size()), w.catalogue->keys())
          << "as many rows as the catalogue has";
      expect_no_repetition(all);
      expect_best(w, all, *scores, {&*w.catalogue}, 50);
      expect_no_repetition(w.search_one(prompt, {.beams = 2, .rule = rule}));
    }
  }
}

TEST(Search, UnconstrainedAnswersMayBeNoItemsAndNeverRepeat) {
  const World w(random_keys(9, 60, kThreeLevels), 19, 60);
  const std::vector<int64_t> prompt = w.prompt(4, 9);
  const Ranking r = w.search_one(prompt, {.beams = 200, .constrained = false});
  ASSERT_EQ(r.answers.size(), 200u);
  expect_no_repetition(r);
  int64_t valid = 0;
  for (const Answer& a : r.answers) {
    EXPECT_EQ(a.key, w.catalogue->find(a.tokens));
    valid += a.key >= 0;
  }
  EXPECT_LT(valid, 200);

  // What a wide free search finds inside the catalogue has the score of the constrained search.
  const Ranking everything = w.search_one(prompt, {.beams = 60 * 60 * 60, .constrained = false});
  EXPECT_EQ(everything.answers.size(), 60u * 60 * 60);
  const Result<std::vector<double>> scores =
      exact_scores(*w.transformer, w.vocabulary, *w.catalogue, ScoreRule::model, prompt);
  double sum = 0;
  for (const Answer& a : everything.answers) {
    sum += std::exp(a.score);
    if (a.key >= 0) {
      EXPECT_NEAR(a.score, (*scores)[a.key], kNoise);
    }
  }
  EXPECT_NEAR(sum, 1, 1e-4);
}

TEST(Search, UnconstrainedSearchesLeaveSeenItemsOut) {
  const World w({{3}, {4}, {5}, {5}}, 20, 12);
  const std::vector<int64_t> prompt = w.prompt(5, 4);
  const Exclusion seen(*w.catalogue, std::vector<int32_t>{0, 2});  // token 5 still leads to item 3
  const Ranking r =
      w.search_one(prompt, {.beams = 12, .constrained = false}, {nullptr, nullptr, &seen});
  EXPECT_EQ(r.answers.size(), 11u);
  for (const Answer& a : r.answers) EXPECT_NE(a.tokens[0], 3);
}

TEST(Search, WideVocabulariesAreReadInChunks) {
  const World w(random_keys(10, 40, {{9000, 8}, {8190, 5}}), 21, 20000);
  const std::vector<int64_t> prompt = w.prompt(6, 5);
  const Ranking all = w.search_one(prompt, {.beams = 100});
  for (const Answer& a : all.answers)
    EXPECT_NEAR(a.score, w.brute_force(prompt, a.key, ScoreRule::model), kNoise);
  const Ranking free = w.search_one(prompt, {.beams = 3, .constrained = false});
  const at::Tensor first = w.transformer->logits(w.transformer->hidden(model::pack({prompt})))[4];
  EXPECT_EQ(free.answers.size(), 3u);
  EXPECT_LE(free.answers[0].score,
            (first.max() - at::logsumexp(first, {0})).item<double>() + kNoise);
}

TEST(Search, MistakesAreErrorsOfTheUser) {
  const World w({{20, 30}}, 22);
  EXPECT_FALSE(Searcher::create(*w.transformer, w.vocabulary, *w.catalogue, {.beams = 0}).ok());
  EXPECT_FALSE(Searcher::create(*w.transformer, w.vocabulary, *w.catalogue,
                                {.rule = ScoreRule::trie, .constrained = false})
                   .ok());
  const Result<Catalogue> foreign = Catalogue::build({{20, 500}});
  const Result<Searcher> unowned = Searcher::create(*w.transformer, w.vocabulary, *foreign, {});
  ASSERT_FALSE(unowned.ok());
  EXPECT_NE(unowned.error().message.find("500"), std::string::npos);
  const Result<Searcher> searcher =
      Searcher::create(*w.transformer, w.vocabulary, *w.catalogue, {});
  EXPECT_FALSE(searcher->run(std::vector<Request>{{{}, {{&*w.catalogue}}}}).ok());
  EXPECT_FALSE(searcher->run(std::vector<Request>{{w.prompt(1, 128), {{&*w.catalogue}}}}).ok());
  EXPECT_TRUE(searcher->run(std::vector<Request>{{w.prompt(1, 127), {{&*w.catalogue}}}}).ok());
  const auto stopped = searcher->run(std::vector<Request>{{w.prompt(1, 4), {{&*w.catalogue}}}},
                                     [](int64_t, int64_t) { return false; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind, ErrorKind::interrupted);
}

TEST(Recommend, ExpandsSharedIdsAndDropsSeenItems) {
  const World w({{20, 30}, {20, 30}, {20, 31}, {21, 30}}, 23);
  RecommendInput input;
  input.prompts = {{1, 2, 3}, {4, 5}};
  input.histories = {{0, 3}, {}};
  input.seen = {eval::Seen::keep, eval::Seen::drop};
  const auto r =
      recommend(*w.transformer, w.vocabulary, nullptr, *w.catalogue, input, {.beams = 10});
  ASSERT_TRUE(r.ok());
  ASSERT_EQ(r->lists.size(), 2u);
  const eval::Guesses& keep = r->lists[0];
  const eval::Guesses& drop = r->lists[1];
  EXPECT_EQ(drop.seen, eval::Seen::drop);
  EXPECT_EQ(keep.items_of(0).size(), 4u);
  EXPECT_EQ(keep.answers[keep.offsets[1] - 1], 2) << "four items behind three ids";
  const auto left = drop.items_of(0);
  EXPECT_EQ(std::set<int32_t>(left.begin(), left.end()), (std::set<int32_t>{1, 2}))
      << "item 1 keeps the id it shares with item 0";
  EXPECT_EQ(drop.items_of(1).size(), 4u);
  EXPECT_EQ(r->notes.size(), 2u);

  input.prompts[0].push_back(900);
  EXPECT_FALSE(recommend(*w.transformer, w.vocabulary, nullptr, *w.catalogue, input, {}).ok());
}

}  // namespace
}  // namespace rexp::decode
