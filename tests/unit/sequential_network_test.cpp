// The network of runtime/sequential and its losses against the plain way of computing them, one sequence at a time.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "runtime/base/json.h"
#include "runtime/base/random.h"
#include "runtime/sequential/item_loss.h"
#include "runtime/sequential/network.h"

namespace rexp::sequential {
namespace {

using Named = std::map<std::string, at::Tensor>;

constexpr int64_t kItems = 11;

Shape shape(NormPlace norm, bool causal) {
  Shape shape;
  shape.items = kItems;
  shape.positions = 6;
  shape.width = 8;
  shape.inner = 12;
  shape.norm = norm;
  shape.activation = causal ? Activation::gelu : Activation::relu;
  shape.causal = causal;
  return shape;
}

/// A network all of whose weights count, norms and biases too.
Network random_network(const Shape& shape) {
  Network network = Network::random(shape, 5);
  at::manual_seed(1);
  for (auto& [name, tensor] : network.tensors()) {
    tensor.add_(at::randn_like(tensor) * 0.4);
    tensor.requires_grad_(true);
  }
  return network;
}

Sequences some_sequences() {
  Sequences s;
  s.items = {3, 1, 4, 1, 5, 9, 2, 6, 0, 7};
  s.offsets = {0, 6, 7, 10};
  s.outputs = {1, 4, 6, 7, 9};
  return s;
}

at::Tensor affine(const Named& w, const std::string& name, const at::Tensor& x) {
  return at::linear(x, w.at(name + ".weight"), w.at(name + ".bias"));
}
at::Tensor normed(const Named& w, const std::string& name, const at::Tensor& x) {
  const at::Tensor centred = x - x.mean(-1, true);
  return centred / (centred.square().mean(-1, true) + 1e-12).sqrt() * w.at(name + ".weight") +
         w.at(name + ".bias");
}

/// One head of one sequence [L, width / heads] at a time.
at::Tensor plain_attention(const Named& w, const std::string& at, const Shape& shape,
                           const at::Tensor& x) {
  std::vector<at::Tensor> seen;
  const at::Tensor q = affine(w, at + "query", x), k = affine(w, at + "key", x),
                   v = affine(w, at + "value", x);
  const int64_t d = shape.width / shape.heads;
  for (int64_t h = 0; h < shape.heads; ++h) {
    at::Tensor scores =
        at::mm(q.narrow(1, h * d, d), k.narrow(1, h * d, d).t()) / std::sqrt(double(d));
    if (shape.causal)
      scores = scores + at::full_like(scores, -std::numeric_limits<float>::infinity()).triu(1);
    seen.push_back(at::mm(at::softmax(scores, -1), v.narrow(1, h * d, d)));
  }
  return affine(w, at + "output", at::cat(seen, 1));
}

at::Tensor plain_states(const Named& w, const Shape& shape, const std::vector<int64_t>& items) {
  const bool before = shape.norm == NormPlace::before;
  const auto length = static_cast<int64_t>(items.size());
  at::Tensor x = w.at("items").index_select(0, at::tensor(items, at::kLong)) +
                 w.at("positions").narrow(0, 0, length);
  if (!before) x = normed(w, "input_norm", x);
  for (int64_t b = 0; b < shape.blocks; ++b) {
    const std::string at = "blocks." + std::to_string(b) + ".";
    const auto feed = [&](const at::Tensor& in) {
      const at::Tensor up = affine(w, at + "up", in);
      return affine(w, at + "down",
                    shape.activation == Activation::gelu ? at::gelu(up) : at::relu(up));
    };
    if (before) {
      x = x + plain_attention(w, at, shape, normed(w, at + "attention_norm", x));
      x = x + feed(normed(w, at + "feed_norm", x));
    } else {
      x = normed(w, at + "attention_norm", x + plain_attention(w, at, shape, x));
      x = normed(w, at + "feed_norm", x + feed(x));
    }
  }
  if (before) x = normed(w, "output_norm", x);
  return shape.causal ? x : normed(w, "head_norm", at::gelu(affine(w, "head", x)));
}

at::Tensor plain_outputs(const Network& network, const Sequences& s) {
  Named weights;
  for (const auto& [name, tensor] : network.tensors()) weights[name] = tensor;
  std::vector<at::Tensor> states;
  for (int64_t i = 0; i < s.count(); ++i) {
    states.push_back(
        plain_states(weights, network.shape(),
                     {s.items.begin() + s.offsets[i], s.items.begin() + s.offsets[i + 1]}));
  }
  return at::cat(states, 0).index_select(0, at::tensor(s.outputs, at::kLong));
}

double largest(const at::Tensor& difference) { return difference.abs().max().item<double>(); }

std::map<std::string, at::Tensor> gradients(const Network& network, const at::Tensor& scalar) {
  scalar.backward();
  std::map<std::string, at::Tensor> out;
  for (const auto& [name, tensor] : network.tensors()) {
    out[name] = tensor.grad().defined() ? tensor.grad().clone() : at::zeros_like(tensor);
    tensor.mutable_grad().reset();
  }
  return out;
}

TEST(SequentialNetwork, PackedStatesAndGradientsEqualPlainOnes) {
  for (const NormPlace norm : {NormPlace::before, NormPlace::after}) {
    for (const bool causal : {true, false}) {
      SCOPED_TRACE(causal);
      const Network network = random_network(shape(norm, causal));
      Sequences s = some_sequences();
      if (!causal) s.items[1] = s.items[9] = network.shape().mask();
      const at::Tensor ours = outputs(network, s), plain = plain_outputs(network, s);
      EXPECT_LT(largest(ours - plain), 1e-4);
      const at::Tensor direction = at::randn_like(plain);
      const auto a =
          gradients(network, (network.scores(ours).square().sum() + (ours * direction).sum()));
      const auto b =
          gradients(network, (network.scores(plain).square().sum() + (plain * direction).sum()));
      for (const auto& [name, gradient] : a)
        EXPECT_LT(largest(gradient - b.at(name)), 1e-3 * std::max(1.0, largest(gradient))) << name;
    }
  }
}

TEST(SequentialNetwork, ACausalStateKnowsNothingOfWhatComesAfter) {
  const Network network = random_network(shape(NormPlace::before, true));
  Sequences whole = some_sequences(), changed = whole;
  for (const size_t later : {2, 3, 4, 5}) changed.items[later] = 10;
  whole.outputs = changed.outputs = {0, 1};
  EXPECT_EQ(largest(outputs(network, whole) - outputs(network, changed)), 0);
}

TEST(SequentialNetwork, DropoutIsAFunctionOfItsStream) {
  const Network network = random_network(shape(NormPlace::before, true));
  const Sequences s = some_sequences();
  const model::Dropout some{0.3, 5, {}}, other{0.3, 6, {}};
  const at::Tensor first = outputs(network, s, some);
  EXPECT_EQ(largest(first - outputs(network, s, some)), 0);
  EXPECT_GT(largest(first - outputs(network, s, other)), 0);
}

TEST(SequentialNetwork, SavesAndLoads) {
  const Network network = random_network(shape(NormPlace::after, false));
  const std::string path = testing::TempDir() + "rexp_network.safetensors";
  ASSERT_TRUE(network.save(path).ok());
  const auto read = Network::load(network.shape(), path);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(largest(outputs(*read, some_sequences()) - outputs(network, some_sequences())), 0);
  Shape other = network.shape();
  other.width = 16;
  EXPECT_EQ(Network::load(other, path).error().kind, ErrorKind::user);
}

// ---- losses -----------------------------------------------------------------------------------------------------

Batch some_batch() {
  Batch batch;
  batch.sequences = some_sequences();
  batch.targets = {1, 9, 2, 0, 8};
  return batch;
}

std::unique_ptr<ItemLoss> loss_of(const nlohmann::json& args) {
  auto loss = read_item_loss(args, "a test");
  EXPECT_TRUE(loss.ok());
  return std::move(*loss);
}

TEST(ItemLosses, FullSoftmaxEqualsCrossEntropy) {
  for (const bool causal : {true, false}) {
    const Network network = random_network(shape(NormPlace::before, causal));
    const Batch batch = some_batch();
    const at::Tensor ours = loss_of({{"is", "FullSoftmax"}})
                                ->mean(network, outputs(network, batch.sequences), batch, 3),
                     plain =
                         at::cross_entropy_loss(network.scores(outputs(network, batch.sequences)),
                                                at::tensor(batch.targets, at::kLong));
    EXPECT_NEAR(ours.item<double>(), plain.item<double>(), 1e-5);
    const auto a = gradients(network, ours), b = gradients(network, plain);
    for (const auto& [name, gradient] : a) EXPECT_LT(largest(gradient - b.at(name)), 1e-4) << name;
  }
}

TEST(ItemLosses, SampledOnesEqualTheirFormulas) {
  for (const bool causal : {true, false}) {
    const Network network = random_network(shape(NormPlace::before, causal));
    const Batch batch = some_batch();
    const at::Tensor hidden = outputs(network, batch.sequences), all = network.scores(hidden);
    for (const int64_t count : {1, 4}) {
      const auto targets = static_cast<int64_t>(batch.targets.size());
      const at::Tensor negatives =
          at::tensor(draw_negatives(batch.targets, kItems, count, 3), at::kLong)
              .view({targets, count});
      const at::Tensor own = all.gather(1, at::tensor(batch.targets, at::kLong).unsqueeze(1)),
                       others = all.gather(1, negatives);
      const at::Tensor softmax =
          (at::logsumexp(at::cat({own, others}, 1), 1) - own.squeeze(1)).mean();
      EXPECT_NEAR(loss_of({{"is", "SampledSoftmax"}, {"negatives", count}})
                      ->mean(network, hidden, batch, 3)
                      .item<double>(),
                  softmax.item<double>(), 1e-5);
      if (count > 1) continue;
      const at::Tensor binary =
          -(at::log(at::sigmoid(own)) + at::log(1 - at::sigmoid(others))).mean();
      EXPECT_NEAR(
          loss_of({{"is", "BinaryCrossEntropy"}})->mean(network, hidden, batch, 3).item<double>(),
          binary.item<double>(), 1e-4);
    }
  }
}

TEST(ItemLosses, NegativesAreUniformOverAllOtherItems) {
  const std::vector<int64_t> targets = {0, 5, kItems - 1};
  constexpr int64_t kCount = 5000;
  const std::vector<int64_t> drawn = draw_negatives(targets, kItems, kCount, 3);
  EXPECT_EQ(drawn, draw_negatives(targets, kItems, kCount, 3));
  for (size_t t = 0; t < targets.size(); ++t) {
    std::vector<int64_t> seen(kItems);
    for (int64_t n = 0; n < kCount; ++n) ++seen[drawn[t * kCount + n]];
    for (int64_t item = 0; item < kItems; ++item)
      EXPECT_NEAR(seen[item], item == targets[t] ? 0 : 500, item == targets[t] ? 0 : 110);
  }
}

}  // namespace
}  // namespace rexp::sequential
