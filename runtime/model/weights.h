// The tensors of a model. The embedding is two matrices: `embedding` (rows the model came with) and
// `embedding_new` (rows the running stage added), so that a stage that trains only added rows
// leaves every other parameter bit-identical:
//
//   weights.embedding_new.requires_grad_(true);           // nothing else has a gradient
//   logits = [h E_base^T | h E_new^T],  lookup of row r = r < base ? E_base[r] : E_new[r - base]
//
// Masking gradients would not do: AdamW's decay and momentum move masked rows all the same.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/model/config.h"

namespace rexp::model {

struct LayerWeights {
  at::Tensor input_norm;      // [hidden]
  at::Tensor q, k, v;         // [heads * head_dim, hidden], [kv_heads * head_dim, hidden] twice
  at::Tensor o;               // [hidden, heads * head_dim]
  at::Tensor q_norm, k_norm;  // [head_dim]; undefined for llama
  at::Tensor post_norm;       // [hidden]
  at::Tensor gate, up, down;  // [ffn, hidden] twice, [hidden, ffn]
};

struct Weights {
  at::Tensor embedding;      // [base rows, hidden]
  at::Tensor embedding_new;  // [added rows, hidden]; undefined when no row was added
  std::vector<LayerWeights> layers;
  at::Tensor final_norm;  // [hidden]
  at::Tensor head;        // [base rows, hidden]; undefined when tied
  at::Tensor head_new;    // [added rows, hidden]; undefined when tied or when no row was added

  int64_t base_rows() const { return embedding.size(0); }
  int64_t rows() const {
    return base_rows() + (embedding_new.defined() ? embedding_new.size(0) : 0);
  }

  /// Calls `f(name, tensor)` for every defined tensor in a fixed order. Names are those of Hugging
  /// Face
  /// ("model.layers.0.self_attn.q_proj.weight"); added rows are "model.embed_tokens.new" and
  /// "lm_head.new".
  void for_each(const std::function<void(const std::string&, at::Tensor&)>& f);
  void for_each(const std::function<void(const std::string&, const at::Tensor&)>& f) const;

  /// A copy on `device` in `dtype`, without gradients; storage is always fresh.
  Weights copy(at::Device device, at::ScalarType dtype = at::kFloat) const;

  /// Makes added rows part of the base matrices: `embedding_new` and `head_new` become undefined.
  /// Drops gradients.
  void merge_rows();
  /// Keeps only the first `count` base rows (unused padding of a published matrix). Needs merged
  /// rows.
  void truncate_rows(int64_t count);
  /// Appends rows: merges what was added before, then sets `embedding_new` (and `head_new` when
  /// untied).
  void append_rows(at::Tensor embedding_rows, at::Tensor head_rows = {});
};

/// Shapes of every tensor of `config` under its Hugging Face name, in for_each's order; names that
/// the config has not are absent.
std::vector<std::pair<std::string, std::vector<int64_t>>> tensor_shapes(const Config& config);

/// Weights whose every tensor is `make(name, shape)`.
Weights weights_of(
    const Config& config,
    const std::function<at::Tensor(const std::string&, const std::vector<int64_t>&)>& make);

/// Fresh fp32 CPU weights: matrices N(0, 0.02), norms 1. Element i of a tensor is a function of
/// (stream, name, i), so the result does not depend on threads. GPT-2's initialisation without its
/// depth scaling, as transformers does for these architectures.
Weights random_weights(const Config& config, uint64_t stream);

/// N(0, sigma), fp32 on the CPU; element i is a function of (stream, i).
at::Tensor random_normal(at::IntArrayRef sizes, double sigma, uint64_t stream);

/// N(0, sigma) of shape [count, width], fp32 on the CPU; element (r, c) is a function of
/// (stream, ids[r], c): a token's first row does not depend on which other tokens are added with
/// it.
at::Tensor random_rows(std::span<const int32_t> ids, int64_t width, double sigma, uint64_t stream);

}  // namespace rexp::model
