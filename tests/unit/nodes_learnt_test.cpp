// Nodes that learn without a language model: recommenders, vectors, codebooks.
#include <cmath>

#include "runtime/codebook/codebook.h"
#include "runtime/codebook/vectors.h"
#include "runtime/eval/guesses.h"
#include "runtime/nodes/systems.h"
#include "tests/unit/nodes_films.h"

namespace rexp::abi {
namespace {

TEST_F(Nodes, TrainedBaselinesAndHybridsAreRankedLikeCountedOnes) {
  const Json train = {{"input", 0}, {"part", "train"}};
  const Json recipe = {{"is", "SASRec"},
                       {"width", 8},
                       {"length", 1},
                       {"optimizer", {{"is", "AdamW"}, {"lr", 0.01}}},
                       {"loss", {{"is", "FullSoftmax"}}}};
  const Input sasrec =
      run({"baseline", {{"is", "sasrec"}, {"train", train}, {"recipe", recipe}}, {}, {films_}});
  ASSERT_EQ(error, "");
  const Input knn = run({"baseline", {{"is", "item_knn"}, {"train", train}}, {}, {films_}});
  ASSERT_EQ(error, "");
  const auto lists = [&](const Json& system, const std::vector<Input>& systems) {
    std::vector<Input> inputs = systems;
    inputs.insert(inputs.end(), {films_, test_});
    const Input ranked = run({"rank", {{"listed", 200}, {"system", system}}, {}, inputs});
    EXPECT_EQ(error, "");
    auto guesses = eval::load_guesses(path(ranked, "guesses.bin"));
    EXPECT_TRUE(guesses.ok());
    return *guesses;
  };
  const Json first = {{"input", 0}},
             both = {{"of", Json::array({first, {{"input", 1}}})}, {"weights", {1, 1}}};
  const auto alone = lists(first, {knn}), trained = lists(first, {sasrec});
  EXPECT_NE(alone[0].items, trained[0].items);
  EXPECT_EQ(alone[0].items,
            lists({{"of", Json::array({first})}, {"weights", nullptr}}, {knn})[0].items)
      << "of one system it is that system";
  const auto mixed = lists(both, {knn, sasrec});
  EXPECT_NE(mixed[0].items, alone[0].items);
  EXPECT_NE(mixed[0].items, trained[0].items);
  EXPECT_EQ(mixed[0].items, lists(both, {sasrec, knn})[0].items) << "equal weights have no order";
  Json all_of_one = both;
  all_of_one["weights"] = {1e9, 1e-9};
  EXPECT_EQ(lists(all_of_one, {knn, sasrec})[0].target_ranks, alone[0].target_ranks);
}

TEST(Standardise, MeanNoneDeviationOne) {
  std::vector<double> scores = {1, 3, 5, 7}, equal = {4, 4};
  nodes::standardise(scores);
  nodes::standardise(equal);
  EXPECT_NEAR(scores[0] + scores[3], 0, 1e-12);
  EXPECT_NEAR(scores[3], 3 / std::sqrt(5), 1e-12);
  EXPECT_EQ(equal, (std::vector<double>{0, 0}));
}

TEST_F(Nodes, TextFeaturesReadTheTextOfEveryItem) {
  const Input items = run({"rows", {{"is", "items"}}, {}, {films_}});
  Node node = {
      "vectors",
      {{"is", "text_features"}, {"items", {{"input", 1}}}, {"text", {{"kernel", 0}}}, {"size", 4}},
      {},
      {films_, items},
      {{by_column, reads(0, "items", "title", {"item"})}}};
  const Input vectors = run(node);
  ASSERT_EQ(error, "");
  EXPECT_EQ(codebook::load_vectors(path(vectors, "vectors.bin"))->rows, 220);
  node.inputs[1] =
      run({"rows", {{"is", "sample"}, {"rows", {{"input", 1}}}, {"n", 5}}, {}, {films_, items}});
  run(node);
  EXPECT_NE(error.find("given 5 of 220 items"), std::string::npos) << error;
}

TEST_F(Nodes, ACodebookThatWasTrainedIsExtended) {
  const Input given = vectors();
  const Json rq_vae = {{"is", "RqVae"},    {"vectors", {{"input", 1}}},
                       {"levels", {8, 8}}, {"layers", {8}},
                       {"latent", 4},      {"length", 3},
                       {"batch", 64},      {"optimizer", {{"is", "Adagrad"}, {"lr", 0.1}}}};
  const Input book = run({"codebook",
                          {{"name", "sid"}, {"learn", rq_vae}, {"clashes", "extra_level"}},
                          {},
                          {films_, given}});
  ASSERT_EQ(error, "");
  EXPECT_NE(read(book, "log.jsonl").find("reconstruction"), std::string::npos);
  const Json extended = {{"is", "Extended"}, {"of", {{"input", 1}}}, {"vectors", {{"input", 2}}}};
  const Node node = {"codebook",
                     {{"name", "grown"}, {"learn", extended}, {"clashes", "extra_level"}},
                     {},
                     {films_, book, given}};
  const Input again = run(node);
  ASSERT_EQ(error, "");
  EXPECT_EQ(codebook::load_codebook(path(again, "codebook.json"))->codes,
            codebook::load_codebook(path(book, "codebook.json"))->codes);
  for (const char* file : {"quantiser.json", "quantiser.safetensors"})
    EXPECT_EQ(read(again, file), read(book, file)) << "it can be extended again";
}

}  // namespace
}  // namespace rexp::abi
