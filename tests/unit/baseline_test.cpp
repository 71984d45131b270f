#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/baseline_fit.h"

namespace rexp::baseline {
namespace {

class BaselineTest : public testing::Test {
 protected:
  // items 1 2 3 4 9; train: 1 2 3 2 | 2 3 | 4 2
  data::Dataset dataset_ = from_lines("1 1 2 3 2 9 9\n2 2 3 9 9\n3 4 2 9 9\n");
};

TEST_F(BaselineTest, Popularity) {
  EXPECT_EQ(scores_after(*fitted("popularity", dataset_), {}),
            (std::vector<double>{1, 4, 2, 1, 0}));
}

TEST_F(BaselineTest, Markov) {
  const auto markov = fitted("markov", dataset_);
  EXPECT_EQ(scores_after(*markov, {0, 1}), (std::vector<double>{1e-6, 4e-6, 2 + 2e-6, 1e-6, 0}));
  EXPECT_EQ(scores_after(*markov, {}), (std::vector<double>{1e-6, 4e-6, 2e-6, 1e-6, 0}))
      << "popularity where nothing is known";
}

TEST_F(BaselineTest, ItemKnn) {
  const auto knn = fitted("item_knn", dataset_);
  // Users of 1: {1}; of 2: {1, 2, 3}; of 3: {1, 2}; of 4: {3}.
  const History history = {0, 1, 2};
  const std::vector<double> scores = scores_after(*knn, history);
  EXPECT_NEAR(scores[0], 1 / std::sqrt(2) + 1 / std::sqrt(3) / 2, 1e-12);
  EXPECT_NEAR(scores[1], 2 / std::sqrt(6) + 1 / std::sqrt(3) / 3, 1e-12);
  EXPECT_NEAR(scores[3], 1 / std::sqrt(3) / 2, 1e-12);
  EXPECT_EQ(scores[4], 0) << "held-out events are not read";
  const auto last = fitted("item_knn", dataset_, {{"history", 1}});
  EXPECT_EQ(scores_after(*last, history), scores_after(*knn, {2}));
  const auto one = fitted("item_knn", dataset_, {{"neighbours", 1}});
  EXPECT_EQ(scores_after(*one, {1}), (std::vector<double>{0, 0, 2 / std::sqrt(6), 0, 0}));
}

TEST_F(BaselineTest, TransitionGraph) {
  TestFit in(dataset_);
  in.given_vectors = {5, 2, {1, 0, 3, 4, 0, 2, -1, 0, 1, 0}};  // of 1 2 3 4 9
  const nlohmann::json args = {{"is", "transition_graph"},
                               {"vectors", {{"input", 1}}},
                               {"window", 2},
                               {"second", 0.25},
                               {"similarity", 0.5}};
  ASSERT_TRUE(in.fit(args).ok());
  const auto graph = in.open();
  // From 2: 3 twice at distance 1, 2 once at distance 2; its vector (.6, .8) is near (1, 0) by .6 and near (0, 1) by .8.
  const std::vector<double> from_two = {.3, std::log(1.5), std::log(3.) + .4, 0, 0};
  const std::vector<double> seen = scores_after(*graph, {1});
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(seen[i], from_two[i], 1e-6) << i;
  // From 1: 2 at distance 1, 3 at distance 2.
  const std::vector<double> after_two = scores_after(*graph, {1, 0}),
                            one = scores_after(*graph, {0});
  EXPECT_NEAR(one[1], std::log(2.) + .3, 1e-6);
  EXPECT_EQ(one[4], 0) << "an item that train has not met has no direction";
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(after_two[i], one[i] + .25 * from_two[i], 1e-6) << i;
  EXPECT_EQ(scores_after(*graph, {3, 1, 0}), after_two) << "two items count";
  EXPECT_EQ(scores_after(*graph, {}), std::vector<double>(5, 0));
  in.given_vectors.rows = 4;
  EXPECT_EQ(in.fit(args).error().kind, ErrorKind::user);
}

TEST_F(BaselineTest, HistoriesAreScoredTogetherAsOneByOne) {
  const auto knn = fitted("item_knn", dataset_, {{"neighbours", 2}});
  const std::vector<History> histories = {{1, 2}, {}, {0}};
  std::vector<double> one_by_one;
  for (const History& history : histories) {
    const std::vector<double> scores = scores_after(*knn, history);
    one_by_one.insert(one_by_one.end(), scores.begin(), scores.end());
  }
  EXPECT_EQ(knn->scores(histories), one_by_one);
}

TEST_F(BaselineTest, Arguments) {
  TestFit in(dataset_);
  EXPECT_EQ(in.fit({{"is", "item_knn"}, {"neighbours", -5}}).error().kind, ErrorKind::user);
  const nlohmann::json held_out = {{"input", 0}, {"part", "test"}};
  EXPECT_EQ(in.fit({{"is", "markov"}, {"train", held_out}}).error().kind, ErrorKind::user);
  EXPECT_EQ(in.fit({{"is", "oracle"}}).error().kind, ErrorKind::internal);
}

TEST_F(BaselineTest, DamagedFilesAreTold) {
  TestFit in(dataset_);
  ASSERT_TRUE(in.fit({{"is", "markov"}}).ok());
  for (const char* text : {"{", "{}", R"({"is": "oracle"})"}) {
    ASSERT_TRUE(store::write_file(in.file("recommender.json"), text).ok());
    EXPECT_EQ(open(in.file(""), "cpu").error().kind, ErrorKind::user) << text;
  }
  ASSERT_TRUE(store::write_file(in.file("recommender.json"), R"({"is": "markov"})").ok());
  ASSERT_TRUE(store::write_file(in.file("baseline.bin"), "REXPBASE").ok());
  EXPECT_EQ(open(in.file(""), "cpu").error().kind, ErrorKind::user);
}

}  // namespace
}  // namespace rexp::baseline
