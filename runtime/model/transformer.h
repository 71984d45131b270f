// The forward pass. Sequences are packed: one flat stream of tokens and the offsets of its
// sequences, so that no linear layer computes padding. Only attention looks at sequences; it groups
// those of similar length.
//
//   Packed batch{tokens, {0, 5, 12}};              // two sequences, of 5 and 7 tokens
//   Tensor h = transformer.hidden(batch);          // [12, d], after the final norm
//   Tensor z = transformer.logits(h.index_select(0, labelled));    // logits only where a label is
//
// Tokens are rows of the embedding matrix, never tokenizer ids. Everything here is differentiable
// where weights require gradients. A shape that cannot be right is a broken invariant; callers
// check sizes that come from users.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "runtime/model/backbone.h"
#include "runtime/model/config.h"
#include "runtime/model/decoder.h"
#include "runtime/model/device.h"
#include "runtime/model/weights.h"

namespace rexp::model {

/// A Backbone and a Decoder with the shapes of Qwen3 and Llama. Its hidden states are those behind the final norm.
class Transformer final : public Backbone, public Decoder {
 public:
  /// Shares the tensors of `weights` (handles, no copy): an optimizer that updates them in place is
  /// seen at once.
  Transformer(Config config, Weights weights, Precision precision = Precision::fp32);

  const Config& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  at::Device device() const override { return weights_.embedding.device(); }
  int64_t vocabulary() const override { return weights_.rows(); }
  int64_t positions() const override { return config_.max_positions; }
  int64_t cache_bytes() const override;

  /// Embedding rows of int64 `tokens` [N], split matrix or not: [N, d].
  at::Tensor embed(const at::Tensor& tokens) const;

  /// [N, d] -> [N, rows]: [h E_base^T | h E_new^T].
  at::Tensor logits(const at::Tensor& hidden) const;
  /// A view of the head: nothing is copied when the range lies on one side.
  at::Tensor logits(const at::Tensor& hidden, int64_t begin, int64_t end) const override;
  at::Tensor logits(const at::Tensor& hidden, const at::Tensor& rows) const override;
  /// The output matrix [rows, d], both parts; a copy when rows were added.
  at::Tensor head() const;

  Prefill prefill(const Packed& prompts, int64_t extra_slots) const override;
  at::Tensor step(const at::Tensor& tokens, const at::Tensor& positions, const at::Tensor& mask,
                  Cache& cache) const override;

 private:
  at::Tensor states(const Packed& batch, const std::optional<Dropout>& dropout,
                    const at::Tensor& rows) const override;

  struct Heads {
    at::Tensor q, k, v;  // [N, heads, head_dim], [N, kv_heads, head_dim] twice; q and k rotated
  };
  struct Rotation {
    at::Tensor cos, sin;  // [N, 1, head_dim / 2]
  };
  struct Output {
    const at::Tensor& base;
    const at::Tensor& added;  // undefined when no row was added
  };
  /// What differs between training, prefill and steps: (layer, heads of N tokens) -> attention
  /// outputs [N, heads * head_dim].
  using Attend = std::function<at::Tensor(size_t layer, const Heads& heads)>;

  at::Tensor run(const at::Tensor& tokens, const at::Tensor& positions,
                 std::optional<Dropout> dropout, const at::Tensor& rows,
                 const Attend& attend) const;
  Heads project(const LayerWeights& layer, const at::Tensor& x, const Rotation& rotation) const;
  at::Tensor feed_forward(const LayerWeights& layer, const at::Tensor& x) const;
  at::Tensor norm(const at::Tensor& x, const at::Tensor& weight) const;
  Output output() const;

  Config config_;
  Weights weights_;
  Precision precision_;
  at::Tensor inverse_frequencies_;  // [head_dim / 2]
};

struct Score {
  std::vector<double> log_probs;   // [n - 1]: log p(token i + 1 | tokens 0..i), natural logarithm
  std::vector<float> last_logits;  // [rows]: of the token after the last
};

/// Log-probabilities of one sequence of rows (at least one token).
Score score(const Transformer& transformer, std::span<const int64_t> tokens);

}  // namespace rexp::model
