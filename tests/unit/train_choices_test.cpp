// Losses of semantic ids among what can follow: proper over the catalogue, and what the formula says.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/train/choices.h"
#include "runtime/train/language_step.h"
#include "tests/unit/train_toy.h"

namespace rexp::train {
namespace {

constexpr int32_t kText = 5, kFirst = 7;  // a word; the codebook's first token

/// Ids of two levels, among them a node with one child and codes that no item has.
codebook::Codebook book() {
  codebook::Codebook book;
  book.name = "sid";
  book.level_sizes = {4, 5};
  book.codes = {{0, 1}, {0, 4}, {0, 2}, {2, 3}, {3, 0}, {3, 3}};
  return book;
}

Example item(const codebook::Codebook& book, size_t index) {
  Example example;
  example.ids = {3, kText, kFirst + book.codes[index][0],
                 kFirst + book.level_offset(1) + book.codes[index][1]};
  example.trained = {0, 0, 1, 1};
  example.levels = {0, 0, 1, 2};
  return example;
}

RowOfId identity(int64_t rows) {
  RowOfId out(rows);
  for (int64_t i = 0; i < rows; ++i) out[i] = i;
  return out;
}

struct Fixture {
  explicit Fixture(const char* loss, double smoothing = 0)
      : codebook(book()), model(toy::artifact(20)), rows(identity(20)) {
    const std::vector<CodebookInput> codebooks = {{&codebook, consecutive_ids(codebook, kFirst)}};
    auto made = read_loss({{"is", loss}, {"label_smoothing", smoothing}}, "toy")
                    ->make({codebooks, rows, "toy"});
    EXPECT_TRUE(made.ok()) << made.error().message;
    objective = std::move(*made);
    step = std::make_unique<LanguageStep>(model.config, model.weights.copy(at::kCPU),
                                          LanguageOptions{objective.get()});
  }

  /// The summed loss of each example's labels, in the order of `examples`, which have equal lengths.
  std::vector<double> losses(const std::vector<Example>& examples) {
    std::vector<double> out;
    for (const Example& example : examples) {
      auto batch = pack(0, std::span(&example, 1), rows, {}, 1000, objective.get());
      EXPECT_TRUE(batch.ok());
      out.push_back(step->accumulate(*batch) * batch->weight);
    }
    return out;
  }

  codebook::Codebook codebook;
  model::ModelArtifact model;
  RowOfId rows;
  std::unique_ptr<Objective> objective;
  std::unique_ptr<LanguageStep> step;
};

TEST(TrieCrossEntropy, ProbabilitiesOfTheCatalogueSumToOne) {
  Fixture fixture("TrieCrossEntropy");
  std::vector<Example> examples;
  for (size_t i = 0; i < fixture.codebook.codes.size(); ++i)
    examples.push_back(item(fixture.codebook, i));
  double sum = 0;
  for (const double loss : fixture.losses(examples)) sum += std::exp(-loss);
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(LevelCrossEntropy, ProbabilitiesOfTheOccurringCodesSumToOne) {
  Fixture fixture("LevelCrossEntropy");
  // the second level: every code that occurs there, behind one first code
  std::vector<Example> examples;
  for (const int32_t code : {0, 1, 2, 3, 4}) {
    Example example = item(fixture.codebook, 0);
    example.ids[3] = kFirst + fixture.codebook.level_offset(1) + code;
    example.trained[2] = 0;
    examples.push_back(example);
  }
  double sum = 0;
  for (const double loss : fixture.losses(examples)) sum += std::exp(-loss);
  EXPECT_NEAR(sum, 1, 1e-5);
}

/// What the formula says of one example: the softmax over `allowed` rows behind each label.
double by_formula(const Fixture& fixture, const Example& example,
                  const std::vector<std::vector<int64_t>>& allowed, double smoothing) {
  const model::Transformer transformer(fixture.model.config, fixture.step->weights());
  const std::vector<int64_t> ids(example.ids.begin(), example.ids.end());
  const at::Tensor logits = transformer.logits(
      transformer.hidden({at::tensor(ids, at::kLong), {0, static_cast<int64_t>(ids.size())}}));
  double sum = 0;
  size_t label = 0;
  for (size_t i = 1; i < ids.size(); ++i) {
    if (example.trained[i] == 0) continue;
    const std::vector<int64_t>& rows = allowed[label++];
    const at::Tensor log_p = at::log_softmax(
        logits[static_cast<int64_t>(i) - 1].index_select(0, at::tensor(rows, at::kLong)), 0);
    for (size_t r = 0; r < rows.size(); ++r) {
      const double share =
          (rows[r] == ids[i] ? 1 - smoothing : 0) + smoothing / static_cast<double>(rows.size());
      sum -= share * log_p[static_cast<int64_t>(r)].item<double>();
    }
  }
  return sum;
}

TEST(TrieCrossEntropy, IsTheSoftmaxOverTheChildrenAndTextTheVocabulary) {
  Fixture fixture("TrieCrossEntropy", 0.2);
  Example example = item(fixture.codebook, 1);
  example.trained[1] = 1;  // a word is a label as well
  std::vector<int64_t> all(20);
  for (int64_t i = 0; i < 20; ++i) all[i] = i;
  const int64_t second = kFirst + fixture.codebook.level_offset(1);
  const std::vector<std::vector<int64_t>> allowed = {
      all, {kFirst, kFirst + 2, kFirst + 3}, {second + 1, second + 2, second + 4}};
  EXPECT_NEAR(fixture.losses({example})[0], by_formula(fixture, example, allowed, 0.2), 1e-4);
}

TEST(TrieCrossEntropy, GradientsAreThoseOfTheLoss) {
  Fixture fixture("TrieCrossEntropy", 0.1);
  const std::vector<Example> one = {item(fixture.codebook, 4)};
  fixture.losses(one);
  const auto parameters = fixture.step->parameters();
  const at::Tensor& embedding = parameters[0].second;
  const int64_t row = one[0].ids[2];
  const double slope = embedding.grad()[row][3].item<double>();
  const auto moved = [&](double by) {
    embedding.detach()[row][3] += by;
    const double loss = fixture.losses(one)[0];
    embedding.detach()[row][3] -= by;
    return loss;
  };
  EXPECT_NEAR(slope * 2, (moved(1e-2) - moved(-1e-2)) / 2e-2, 2e-3);  // the weight of two labels
}

TEST(TrieCrossEntropy, WithoutSemanticIdsIsAnError) {
  const std::vector<CodebookInput> none;
  const RowOfId rows;
  const auto made =
      read_loss({{"is", "TrieCrossEntropy"}}, "stage `a`")->make({none, rows, "stage `a`"});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().message,
            "the loss of stage `a` chooses among semantic ids, and its tasks print none");
}

}  // namespace
}  // namespace rexp::train
