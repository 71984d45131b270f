#include "runtime/model/transformer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "runtime/base/assert.h"
#include "runtime/model/attention.h"
#include "runtime/model/fused_ops.h"
#include "runtime/model/matmul.h"

namespace rexp::model {
namespace {

/// Inverse frequencies of the rotary pairs [head_dim / 2] (Su et al. 2021); Llama 3 stretches the
/// low ones and blends between.
at::Tensor inverse_frequencies(const Config& c) {
  std::vector<float> out;
  for (int64_t i = 0; i < c.head_dim; i += 2) {
    double f =
        1.0 / std::pow(c.rope_theta, static_cast<double>(i) / static_cast<double>(c.head_dim));
    if (const auto& s = c.rope_scaling) {
      const double wavelength = 2 * std::numbers::pi / f;
      const double turns = static_cast<double>(s->original_max_positions) / wavelength;
      const double blend = std::clamp(
          (turns - s->low_freq_factor) / (s->high_freq_factor - s->low_freq_factor), 0.0, 1.0);
      f = (1 - blend) * f / s->factor + blend * f;
    }
    out.push_back(static_cast<float>(f));
  }
  return at::tensor(out);
}

/// The numbers of some of a batch's tokens.
at::Tensor tokens_of(const Dropout& dropout, const at::Tensor& rows) {
  return dropout.tokens.defined() ? dropout.tokens.index_select(0, rows) : rows;
}

at::Tensor add_branch(const at::Tensor& x, const at::Tensor& branch,
                      const std::optional<Dropout>& dropout, uint64_t place) {
  return dropout ? add_dropped(x, branch, *dropout, place) : x + branch;
}

/// Rows `rows` of a matrix in two parts. Lookup as at::embedding does it: its backward pass runs in parallel.
at::Tensor select_rows(const at::Tensor& base, const at::Tensor& added, const at::Tensor& rows) {
  if (!added.defined()) return at::embedding(base, rows);
  const int64_t first = base.size(0);
  const at::Tensor from_base = at::embedding(base, rows.clamp_max(first - 1));
  const at::Tensor from_added = at::embedding(added, (rows - first).clamp_min(0));
  return at::where(rows.ge(first).unsqueeze(1), from_added, from_base);
}

}  // namespace

Transformer::Transformer(Config config, Weights weights, Precision precision)
    : config_(std::move(config)), weights_(std::move(weights)), precision_(precision) {
  REXP_ASSERT(static_cast<int64_t>(weights_.layers.size()) == config_.layers,
              "weights match the config");
  inverse_frequencies_ = inverse_frequencies(config_).to(device());
}

at::Tensor Transformer::norm(const at::Tensor& x, const at::Tensor& weight) const {
  return rms_norm(x, weight, config_.rms_eps);
}

Transformer::Heads Transformer::project(const LayerWeights& layer, const at::Tensor& x,
                                        const Rotation& rotation) const {
  const int64_t n = x.size(0);
  const at::Tensor in = norm(x, layer.input_norm);
  const auto qkv = linears(in, {layer.q, layer.k, layer.v}, precision_);
  at::Tensor q = qkv[0].view({n, config_.heads, config_.head_dim});
  at::Tensor k = qkv[1].view({n, config_.kv_heads, config_.head_dim});
  const at::Tensor v = qkv[2].view({n, config_.kv_heads, config_.head_dim});
  if (config_.qk_norm()) {
    q = norm(q, layer.q_norm);
    k = norm(k, layer.k_norm);
  }
  return {rotate(q, rotation.cos, rotation.sin), rotate(k, rotation.cos, rotation.sin), v};
}

at::Tensor Transformer::feed_forward(const LayerWeights& layer, const at::Tensor& x) const {
  const at::Tensor in = norm(x, layer.post_norm);
  const auto branches = linears(in, {layer.gate, layer.up}, precision_);
  return linear(swiglu(branches[0], branches[1]), layer.down, precision_);
}

at::Tensor Transformer::embed(const at::Tensor& tokens) const {
  return select_rows(weights_.embedding, weights_.embedding_new, tokens);
}

at::Tensor Transformer::run(const at::Tensor& tokens, const at::Tensor& positions,
                            std::optional<Dropout> dropout, const at::Tensor& rows,
                            const Attend& attend) const {
  at::Tensor x = embed(tokens);
  const at::Tensor angles = at::outer(positions.to(at::kFloat), inverse_frequencies_).unsqueeze(1);
  const Rotation rotation{angles.cos(), angles.sin()};
  for (size_t l = 0; l < weights_.layers.size(); ++l) {
    const LayerWeights& layer = weights_.layers[l];
    at::Tensor attended = attend(l, project(layer, x, rotation));
    if (rows.defined() && l + 1 == weights_.layers.size()) {
      attended = distinct_rows(attended, rows);
      x = distinct_rows(x, rows);
      if (dropout) dropout->tokens = tokens_of(*dropout, rows.to(at::kCPU));
    }
    x = add_branch(x, linear(attended, layer.o, precision_), dropout, 2 * l);
    x = add_branch(x, feed_forward(layer, x), dropout, 2 * l + 1);
  }
  return norm(x, weights_.final_norm);
}

at::Tensor Transformer::states(const Packed& batch, const std::optional<Dropout>& dropout,
                               const at::Tensor& rows) const {
  const Layout l = layout(batch.offsets, device());
  REXP_ASSERT(l.longest <= config_.max_positions,
              "a sequence has more tokens than the model has positions");
  return run(batch.tokens, l.positions, dropout, rows,
             [&](size_t, const Heads& h) { return packed_attention(h.q, h.k, h.v, l); });
}

Transformer::Output Transformer::output() const {
  if (weights_.head.defined()) return {weights_.head, weights_.head_new};
  return {weights_.embedding, weights_.embedding_new};
}

at::Tensor Transformer::logits(const at::Tensor& hidden) const {
  const Output o = output();
  if (!o.added.defined()) return at::linear(hidden, o.base);
  return at::cat({at::linear(hidden, o.base), at::linear(hidden, o.added)}, -1);
}

at::Tensor Transformer::logits(const at::Tensor& hidden, int64_t begin, int64_t end) const {
  REXP_ASSERT(0 <= begin && begin <= end && end <= weights_.rows(),
              "a range of rows lies inside the matrix");
  const Output o = output();
  const int64_t first = o.base.size(0);
  if (end <= first) return at::linear(hidden, o.base.narrow(0, begin, end - begin));
  if (begin >= first) return at::linear(hidden, o.added.narrow(0, begin - first, end - begin));
  return at::cat({at::linear(hidden, o.base.narrow(0, begin, first - begin)),
                  at::linear(hidden, o.added.narrow(0, 0, end - first))},
                 -1);
}

at::Tensor Transformer::logits(const at::Tensor& hidden, const at::Tensor& rows) const {
  const Output o = output();
  return at::linear(hidden, select_rows(o.base, o.added, rows));
}

at::Tensor Transformer::head() const {
  const Output o = output();
  return o.added.defined() ? at::cat({o.base, o.added}) : o.base;
}

}  // namespace rexp::model
