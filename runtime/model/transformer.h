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

#include "runtime/model/config.h"
#include "runtime/model/device.h"
#include "runtime/model/dropout.h"
#include "runtime/model/packing.h"
#include "runtime/model/weights.h"

namespace rexp::model {

/// Keys and values of `users` prompts side by side, and of the beam tokens behind them. Slots [0,
/// prompt_slots) hold prompts, padded on the right to the longest; each step() fills the next slots
/// of all users alike. Nothing is ever moved: which slots a query sees is the mask's matter.
struct Cache {
  struct Layer {
    at::Tensor k, v;  // [users, kv_heads, capacity, head_dim]
  };
  std::vector<Layer> layers;
  std::vector<int64_t> prompt_lengths;  // [users]
  at::Tensor prompt_mask;               // bool [users, prompt_slots]: true where a prompt token is
  int64_t prompt_slots = 0;
  int64_t used = 0;  // slots filled so far
  int64_t capacity = 0;

  int64_t users() const { return static_cast<int64_t>(prompt_lengths.size()); }
};

struct Prefill {
  Cache cache;
  at::Tensor hidden;  // [users, d]: of each prompt's last token, after the final norm
};

class Transformer {
 public:
  /// Shares the tensors of `weights` (handles, no copy): an optimizer that updates them in place is
  /// seen at once.
  Transformer(Config config, Weights weights, Precision precision = Precision::fp32);

  const Config& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  at::Device device() const { return weights_.embedding.device(); }

  /// Hidden states after the final norm, [T, d], in the order of `batch.tokens`; with `rows` (int64 [M],
  /// none twice) of these places only, [M, d]. Nothing reads another row of the last layer, so what
  /// follows its attention is computed for `rows` alone: the same numbers for less.
  at::Tensor hidden(const Packed& batch, const std::optional<Dropout>& dropout = {},
                    const at::Tensor& rows = {}) const;

  /// Embedding rows of int64 `tokens` [N], split matrix or not: [N, d].
  at::Tensor embed(const at::Tensor& tokens) const;

  /// [N, d] -> [N, rows]: [h E_base^T | h E_new^T].
  at::Tensor logits(const at::Tensor& hidden) const;
  /// Logits of the matrix rows [begin, end) only: [N, end - begin]. A view of the head: nothing is
  /// copied when the range lies on one side.
  at::Tensor logits(const at::Tensor& hidden, int64_t begin, int64_t end) const;
  /// Logits of the matrix rows `rows` (int64 [M]) only: [N, M].
  at::Tensor logits(const at::Tensor& hidden, const at::Tensor& rows) const;
  /// The output matrix [rows, d], both parts; a copy when rows were added.
  at::Tensor head() const;

  /// Runs prompts (packed, one per user, none empty) and keeps their keys and values, with room for
  /// `extra_slots` more tokens a user.
  Prefill prefill(const Packed& prompts, int64_t extra_slots) const;

  /// `n` further tokens of every user (beams, or the next token of one continuation).
  ///   tokens    int64 [users, n]
  ///   positions int64 [users, n]: 0-based place in its sequence (prompt length + tokens behind it)
  ///   mask      bool [users, n, cache.used + n], true where query i may look; each query must see
  ///   at least itself
  /// Stores their keys and values in slots [used, used + n), then raises `used`. Returns hidden
  /// states [users, n, d] after the final norm.
  at::Tensor step(const at::Tensor& tokens, const at::Tensor& positions, const at::Tensor& mask,
                  Cache& cache) const;

 private:
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

/// The mask step() wants for beams: each query sees its user's prompt, the step slots `paths` names
/// and its own slot.
///   paths int64 [users, n, m]: slots of its ancestors counted from cache.prompt_slots (m may be 0)
/// Returns bool [users, n, cache.used + n].
at::Tensor beam_mask(const Cache& cache, const at::Tensor& paths, int64_t n);

struct Score {
  std::vector<double> log_probs;   // [n - 1]: log p(token i + 1 | tokens 0..i), natural logarithm
  std::vector<float> last_logits;  // [rows]: of the token after the last
};

/// Log-probabilities of one sequence of rows (at least one token).
Score score(const Transformer& transformer, std::span<const int64_t> tokens);

}  // namespace rexp::model
