// One step of runtime/train against the plain way of computing it.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/train/language_step.h"
#include "runtime/train/loss.h"
#include "tests/unit/train_toy.h"

namespace rexp::train {
namespace {

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

void expect_equals_torch(double smoothing) {
  at::manual_seed(1);
  const at::Tensor targets = at::randint(11, {30}, at::kLong);
  const at::Tensor weights = at::rand({30}) + 0.1;
  const at::Tensor hidden = at::randn({30, 6}).requires_grad_(),
                   base = at::randn({7, 6}).requires_grad_(),
                   added = at::randn({4, 6}).requires_grad_();
  const double weight = weights.sum().item<double>();
  const LossOutput ours = label_loss({hidden, {base, added}, targets, weights, weight}, smoothing);
  (ours.loss * 3).backward();
  const std::vector<at::Tensor> got = {hidden.grad().clone(), base.grad().clone(),
                                       added.grad().clone()};
  for (const at::Tensor& t : {hidden, base, added}) t.mutable_grad().reset();
  const at::Tensor each =
      at::cross_entropy_loss(at::mm(hidden, at::cat({base, added}).t()), targets, {},
                             at::Reduction::None, /*ignore_index=*/-100, smoothing);
  const at::Tensor plain = (each * weights).sum() / weight;
  (plain * 3).backward();
  EXPECT_NEAR(ours.loss.item<double>(), plain.item<double>(), 1e-6);
  EXPECT_LT(largest_difference(ours.losses, each.detach()), 1e-5);
  EXPECT_LT(largest_difference(got[0], hidden.grad()), 1e-6);
  EXPECT_LT(largest_difference(got[1], base.grad()), 1e-6);
  EXPECT_LT(largest_difference(got[2], added.grad()), 1e-6);
}

TEST(LabelLoss, EqualsCrossEntropyAndItsGradients) { expect_equals_torch(0); }
TEST(LabelLoss, SmoothsLabelsAsTorchDoes) { expect_equals_torch(0.15); }

TEST(LabelLoss, FrozenBlockGetsNoGradient) {
  const at::Tensor hidden = at::randn({3, 4}).requires_grad_(), base = at::randn({5, 4}),
                   added = at::randn({2, 4}).requires_grad_();
  label_loss({hidden, {base, added}, at::tensor({0, 5, 6}, at::kLong), at::ones({3}), 3})
      .loss.backward();
  EXPECT_FALSE(base.grad().defined());
  EXPECT_TRUE(added.grad().defined());
}

std::unique_ptr<Optimizer> make(const nlohmann::json& args, NamedTensors parameters) {
  Result<OptimizerPlan> plan = read_optimizer(args, "a test");
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  return plan->make(std::move(parameters));
}

TEST(AdamW, EqualsTheFormula) {
  at::manual_seed(2);
  const at::Tensor start = at::randn({3, 2}), bias_start = at::randn({2});
  at::Tensor matrix = start.clone().requires_grad_(), vector = bias_start.clone().requires_grad_();
  const auto optimizer = make({{"is", "AdamW"}, {"lr", 0.1}, {"decay", 0.3}},
                              {{"matrix", matrix}, {"vector", vector}});
  at::Tensor p = start.to(at::kDouble), q = bias_start.to(at::kDouble);
  at::Tensor m = at::zeros_like(p), v = at::zeros_like(p), mq = at::zeros_like(q),
             vq = at::zeros_like(q);
  const auto update = [&](at::Tensor& x, at::Tensor& m, at::Tensor& v, const at::Tensor& g,
                          double decay, double lr, int t) {
    m = 0.9 * m + 0.1 * g;
    v = 0.95 * v + 0.05 * g * g;
    x = x * (1 - lr * decay) -
        lr * (m / (1 - std::pow(0.9, t))) / ((v / (1 - std::pow(0.95, t))).sqrt() + 1e-8);
  };
  for (int t = 1; t <= 4; ++t) {
    const at::Tensor g = at::randn({3, 2}), h = at::randn({2});
    matrix.mutable_grad() = g.clone();
    vector.mutable_grad() = h.clone();
    const double factor = 1.0 / t;
    optimizer->step(factor);
    update(p, m, v, g.to(at::kDouble), 0.3, 0.1 * factor, t);
    update(q, mq, vq, h.to(at::kDouble), 0, 0.1 * factor, t);
  }
  EXPECT_LT(largest_difference(matrix.detach().to(at::kDouble), p), 1e-6);
  EXPECT_LT(largest_difference(vector.detach().to(at::kDouble), q), 1e-6);
}

TEST(Sgd, EqualsTheFormula) {
  at::manual_seed(3);
  const at::Tensor start = at::randn({3, 2}), bias_start = at::randn({2});
  at::Tensor matrix = start.clone().requires_grad_(), vector = bias_start.clone().requires_grad_();
  const auto optimizer =
      make({{"is", "Sgd"}, {"lr", 0.1}, {"momentum", 0.8}, {"decay", 0.3}, {"clip", 0}},
           {{"matrix", matrix}, {"vector", vector}});
  at::Tensor p = start.to(at::kDouble), q = bias_start.to(at::kDouble);
  at::Tensor b = at::zeros_like(p), c = at::zeros_like(q);
  for (int t = 1; t <= 4; ++t) {
    const at::Tensor g = at::randn({3, 2}), h = at::randn({2});
    matrix.mutable_grad() = g.clone();
    vector.mutable_grad() = h.clone();
    const double factor = 1.0 / t;
    optimizer->step(factor);
    b = 0.8 * b + g.to(at::kDouble) + 0.3 * p;
    c = 0.8 * c + h.to(at::kDouble);
    p = p - 0.1 * factor * b;
    q = q - 0.1 * factor * c;
  }
  EXPECT_LT(largest_difference(matrix.detach().to(at::kDouble), p), 1e-6);
  EXPECT_LT(largest_difference(vector.detach().to(at::kDouble), q), 1e-6);
  EXPECT_EQ(optimizer->state()[0].first, "momentum/matrix");
}

TEST(Optimizer, ClipsByTheGlobalNorm) {
  at::Tensor a = at::zeros({1}).requires_grad_(), b = at::zeros({1}).requires_grad_();
  const auto optimizer = make({{"is", "Sgd"}, {"clip", 2.5}}, {{"a", a}, {"b", b}});
  a.mutable_grad() = at::full({1}, 3.0);
  b.mutable_grad() = at::full({1}, 4.0);
  EXPECT_NEAR(optimizer->clip(), 5.0, 1e-6);
  EXPECT_NEAR(a.grad().item<double>(), 1.5, 1e-5);
  EXPECT_NEAR(b.grad().item<double>(), 2.0, 1e-5);
}

std::vector<Example> examples(int64_t count) {
  toy::Counting source(count, 20, 12);
  std::vector<Example> out;
  for (int64_t i = 0; i < count; ++i) out.push_back(*source.make(i));
  for (size_t i = 0; i < out.size(); ++i) {
    for (size_t j = 0; j < out[i].trained.size(); ++j) out[i].trained[j] = (i + j) % 3 == 0;
  }
  return out;
}

RowOfId identity(int64_t rows) {
  RowOfId out(rows);
  for (int64_t i = 0; i < rows; ++i) out[i] = i;
  return out;
}

std::map<std::string, at::Tensor> gradients(LanguageStep* step) {
  std::map<std::string, at::Tensor> out;
  for (const auto& [name, parameter] : step->parameters()) {
    out[name] = parameter.grad().clone();
    parameter.mutable_grad().reset();
  }
  return out;
}

// Loss over one sequence at a time, all logits, weights of levels as given.
at::Tensor plain_loss(const model::Transformer& transformer, const std::vector<Example>& examples,
                      const std::vector<double>& level_weight) {
  at::Tensor sum = at::zeros({});
  double weight = 0;
  for (const Example& e : examples) {
    const std::vector<int64_t> rows(e.ids.begin(), e.ids.end());
    const auto size = static_cast<int64_t>(rows.size());
    const at::Tensor log_p = at::log_softmax(
        transformer.logits(transformer.hidden({at::tensor(rows, at::kLong), {0, size}})), 1);
    for (int64_t i = 1; i < size; ++i) {
      if (e.trained[i] == 0) continue;
      const double w = level_weight.empty() ? 1.0 : level_weight[e.levels[i] - 1];
      sum = sum - log_p[i - 1][rows[i]] * w;
      weight += w;
    }
  }
  return sum / weight;
}

void expect_packed_equals_plain(const std::vector<double>& level_weight, int64_t micro_tokens) {
  const model::ModelArtifact model = toy::artifact(20);
  const std::unique_ptr<Objective> objective = toy::objective(toy::spec(1, 9));
  LanguageStep step(model.config, model.weights.copy(at::kCPU), {objective.get()});
  const std::vector<Example> all = examples(9);
  const Result<Batch> batch = pack(0, all, identity(20), level_weight, micro_tokens);
  ASSERT_TRUE(batch.ok());
  const double loss = step.accumulate(*batch);
  const std::map<std::string, at::Tensor> ours = gradients(&step);

  const model::Transformer transformer(model.config, step.weights());
  const at::Tensor plain = plain_loss(transformer, all, level_weight);
  plain.backward();
  EXPECT_NEAR(loss, plain.item<double>(), 1e-5);
  for (const auto& [name, gradient] : gradients(&step)) {
    EXPECT_LT(largest_difference(ours.at(name), gradient), 1e-5) << name;
  }
}

TEST(LanguageStep, PackedLossAndGradientsEqualOneByOne) { expect_packed_equals_plain({}, 1000); }
TEST(LanguageStep, MicroBatchesChangeNothing) { expect_packed_equals_plain({}, 25); }
TEST(LanguageStep, LevelWeights) { expect_packed_equals_plain({1.0, 0.25}, 25); }

class Dropping : public testing::Test {
 protected:
  double loss(const std::vector<Example>& examples, int64_t micro_tokens = 1000) {
    return step_.accumulate(*pack(0, examples, identity(20), {}, micro_tokens));
  }

  std::vector<Example> examples_ = numbered(40);
  const model::ModelArtifact model_ = toy::artifact(20);
  const std::unique_ptr<Objective> objective_ = toy::objective(toy::spec(1, 9));
  LanguageStep step_{model_.config,
                     model_.weights.copy(at::kCPU),
                     {.objective = objective_.get(), .dropout = 0.3, .stream = 5}};

  static std::vector<Example> numbered(int64_t first) {
    std::vector<Example> all = examples(9);
    for (Example& e : all) e.position = first++;
    return all;
  }
};

TEST_F(Dropping, MasksAreAFunctionOfTheExample) {
  const double first = loss(examples_);
  EXPECT_EQ(loss(examples_), first);
  EXPECT_GT(std::abs(loss(numbered(49)) - first), 1e-3);
}

TEST_F(Dropping, MasksDoNotDependOnTheCut) {
  const double whole = loss(examples_), cut = loss(examples_, 25);
  EXPECT_NEAR(whole, cut, 1e-5);
}

TEST_F(Dropping, MasksDoNotDependOnWhatElseIsInTheBatch) {
  const auto labels = [](const std::vector<Example>& some) {
    return pack(0, some, identity(20), {}, 1000)->weight;
  };
  const std::vector<Example> some(examples_.begin(), examples_.begin() + 4),
      others(examples_.begin() + 4, examples_.end());
  EXPECT_NEAR(loss(examples_),
              (loss(some) * labels(some) + loss(others) * labels(others)) / labels(examples_),
              1e-5);
}

}  // namespace
}  // namespace rexp::train
