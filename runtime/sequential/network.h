// The networks of SASRec and BERT4Rec: items and places as learned vectors, blocks of self-attention, scores by the same item vectors.
//
//   Network network = Network::random({.items = 12101, .positions = 50}, stream);
//   at::Tensor hidden = outputs(network, {.items = {4, 9, 2}, .offsets = {0, 3}, .outputs = {2}});    // [1, width], causal
//   at::Tensor scores = network.scores(hidden);                                                     // [1, items]
//
// A block is  x + W_o attention(x)  and then  x + W_2 act(W_1 x), each with a layer norm before it or behind it. A causal network
// (SASRec) lets a position see itself and what is older; the other (BERT4Rec) sees all, has one more row for a masked item, and a dense
// layer, a norm and a bias per item in front of the scores.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/model/backbone.h"
#include "runtime/train/optimizer.h"

namespace rexp::sequential {

enum class NormPlace : uint8_t { before, after };  // of attention and feed-forward parts
enum class Activation : uint8_t { gelu, relu };

struct Shape {
  int64_t items = 0, positions = 50;
  int64_t blocks = 2, heads = 2, width = 64, inner = 256;
  NormPlace norm = NormPlace::before;
  Activation activation = Activation::gelu;
  bool causal = true;

  int64_t mask() const {
    return items;
  }  // the row of a masked item, where the network is not causal
};

/// Sequences one behind the other, oldest item first, each at most `positions` long and at least one.
struct Sequences {
  std::vector<int64_t> items;
  std::vector<int64_t> offsets = {0};  // sequence s is [offsets[s], offsets[s + 1])
  std::vector<int64_t> outputs;        // places in `items` whose hidden state is wanted, ascending

  int64_t count() const { return static_cast<int64_t>(offsets.size()) - 1; }
  void end() { offsets.push_back(static_cast<int64_t>(items.size())); }
};

class Network final : public model::Backbone {
 public:
  /// Weights N(0, 0.02), biases 0, norms 1.
  static Network random(const Shape& shape, uint64_t stream);
  /// Weights as `save` wrote them. User errors: a damaged file, another shape.
  static Result<Network> load(const Shape& shape, const std::string& path);
  Status save(const std::string& path) const;

  const Shape& shape() const { return shape_; }
  /// In a fixed order; they share memory with the network.
  train::NamedTensors tensors() const { return tensors_; }
  Network to(at::Device device) const;

  at::Device device() const override { return items_.device(); }
  /// What the states are compared with, [items, width], and what is added, [items]; the latter undefined where the network is causal.
  at::Tensor item_rows() const;
  const at::Tensor& item_bias() const { return item_bias_; }
  at::Tensor scores(const at::Tensor& hidden) const;

 private:
  struct Affine {
    at::Tensor weight, bias;
  };
  struct Block {
    Affine query, key, value, output, attention_norm, up, down, feed_norm;
  };
  using Fill = std::function<Result<at::Tensor>(const std::string& name, at::IntArrayRef sizes)>;

  explicit Network(const Shape& shape) : shape_(shape), blocks_(shape.blocks) {}
  Status fill(const Fill& fill);
  Status fill_affine(const Fill& fill, const std::string& name, at::IntArrayRef sizes,
                     Affine* affine);

  struct Pass;
  /// `rows` ascend.
  at::Tensor states(const model::Packed& batch, const std::optional<model::Dropout>& dropout,
                    const at::Tensor& rows) const override;
  at::Tensor embed(const model::Packed& batch, Pass* pass) const;
  at::Tensor block(const Block& block, const at::Tensor& x, bool last, Pass* pass) const;
  at::Tensor attend(const Block& block, const at::Tensor& queries, const at::Tensor& x, bool last,
                    Pass* pass) const;
  at::Tensor norm(const at::Tensor& x, const Affine& norm) const;

  Shape shape_;
  at::Tensor items_, positions_, item_bias_;
  Affine input_norm_, output_norm_, head_, head_norm_;
  std::vector<Block> blocks_;
  train::NamedTensors tensors_;
};

/// States at the outputs of the sequences: [outputs, width].
at::Tensor outputs(const Network& network, const Sequences& sequences,
                   const std::optional<model::Dropout>& dropout = {});

}  // namespace rexp::sequential
