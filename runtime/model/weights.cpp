#include "runtime/model/weights.h"

#include <cmath>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"

namespace rexp::model {
namespace {

constexpr double kInitialSigma = 0.02;

void fill_normal(float* out, int64_t count, double sigma, uint64_t s) {
  for (int64_t i = 0; i < count; i += 2) {
    const auto [a, b] = normal_pair(s, static_cast<uint64_t>(i / 2));
    out[i] = static_cast<float>(sigma * a);
    if (i + 1 < count) out[i + 1] = static_cast<float>(sigma * b);
  }
}

/// One walk for the const and the mutable for_each; `W` is Weights or const Weights.
template <class W, class F>
void walk(W& w, const F& f) {
  const auto give = [&](const std::string& name, auto& tensor) {
    if (tensor.defined()) f(name, tensor);
  };
  give("model.embed_tokens.weight", w.embedding);
  give("model.embed_tokens.new", w.embedding_new);
  for (size_t l = 0; l < w.layers.size(); ++l) {
    auto& layer = w.layers[l];
    const std::string p = "model.layers." + std::to_string(l) + ".";
    give(p + "input_layernorm.weight", layer.input_norm);
    give(p + "self_attn.q_proj.weight", layer.q);
    give(p + "self_attn.k_proj.weight", layer.k);
    give(p + "self_attn.v_proj.weight", layer.v);
    give(p + "self_attn.o_proj.weight", layer.o);
    give(p + "self_attn.q_norm.weight", layer.q_norm);
    give(p + "self_attn.k_norm.weight", layer.k_norm);
    give(p + "post_attention_layernorm.weight", layer.post_norm);
    give(p + "mlp.gate_proj.weight", layer.gate);
    give(p + "mlp.up_proj.weight", layer.up);
    give(p + "mlp.down_proj.weight", layer.down);
  }
  give("model.norm.weight", w.final_norm);
  give("lm_head.weight", w.head);
  give("lm_head.new", w.head_new);
}

}  // namespace

void Weights::for_each(const std::function<void(const std::string&, at::Tensor&)>& f) {
  walk(*this, f);
}
void Weights::for_each(const std::function<void(const std::string&, const at::Tensor&)>& f) const {
  walk(*this, f);
}

Weights Weights::copy(at::Device device, at::ScalarType dtype) const {
  Weights out = *this;
  out.for_each([&](const std::string&, at::Tensor& t) {
    t = t.detach()
            .to(at::TensorOptions(device).dtype(dtype), /*non_blocking=*/false, /*copy=*/true)
            .contiguous();
  });
  return out;
}

void Weights::merge_rows() {
  if (!embedding_new.defined()) return;
  embedding = at::cat({embedding.detach(), embedding_new.detach()});
  embedding_new = at::Tensor();
  if (!head_new.defined()) return;
  head = at::cat({head.detach(), head_new.detach()});
  head_new = at::Tensor();
}

void Weights::truncate_rows(int64_t count) {
  REXP_ASSERT(!embedding_new.defined() && count <= base_rows(), "rows are cut off a merged matrix");
  embedding = embedding.detach().narrow(0, 0, count).clone();
  if (head.defined()) head = head.detach().narrow(0, 0, count).clone();
}

void Weights::append_rows(at::Tensor embedding_rows, at::Tensor head_rows) {
  REXP_ASSERT(embedding_rows.dim() == 2 && embedding_rows.size(1) == embedding.size(1),
              "added rows have the model's width");
  REXP_ASSERT(head.defined() == head_rows.defined(), "an untied model gets rows in both matrices");
  merge_rows();
  embedding_new = std::move(embedding_rows);
  head_new = std::move(head_rows);
}

std::vector<std::pair<std::string, std::vector<int64_t>>> tensor_shapes(const Config& c) {
  std::vector<std::pair<std::string, std::vector<int64_t>>> out;
  const int64_t q = c.heads * c.head_dim, kv = c.kv_heads * c.head_dim;
  out.push_back({"model.embed_tokens.weight", {c.vocab, c.hidden}});
  for (int64_t l = 0; l < c.layers; ++l) {
    const std::string p = "model.layers." + std::to_string(l) + ".";
    out.push_back({p + "input_layernorm.weight", {c.hidden}});
    out.push_back({p + "self_attn.q_proj.weight", {q, c.hidden}});
    out.push_back({p + "self_attn.k_proj.weight", {kv, c.hidden}});
    out.push_back({p + "self_attn.v_proj.weight", {kv, c.hidden}});
    out.push_back({p + "self_attn.o_proj.weight", {c.hidden, q}});
    if (c.qk_norm()) {
      out.push_back({p + "self_attn.q_norm.weight", {c.head_dim}});
      out.push_back({p + "self_attn.k_norm.weight", {c.head_dim}});
    }
    out.push_back({p + "post_attention_layernorm.weight", {c.hidden}});
    out.push_back({p + "mlp.gate_proj.weight", {c.ffn, c.hidden}});
    out.push_back({p + "mlp.up_proj.weight", {c.ffn, c.hidden}});
    out.push_back({p + "mlp.down_proj.weight", {c.hidden, c.ffn}});
  }
  out.push_back({"model.norm.weight", {c.hidden}});
  if (!c.tied) out.push_back({"lm_head.weight", {c.vocab, c.hidden}});
  return out;
}

Weights weights_of(
    const Config& config,
    const std::function<at::Tensor(const std::string&, const std::vector<int64_t>&)>& make) {
  Weights w;
  w.layers.resize(static_cast<size_t>(config.layers));
  // for_each skips undefined tensors, so every tensor the config has is made to exist first
  const at::Tensor placeholder = at::empty({0});
  w.embedding = w.final_norm = placeholder;
  if (!config.tied) w.head = placeholder;
  for (LayerWeights& l : w.layers) {
    l.input_norm = l.q = l.k = l.v = l.o = l.post_norm = l.gate = l.up = l.down = placeholder;
    if (config.qk_norm()) l.q_norm = l.k_norm = placeholder;
  }
  const auto shapes = tensor_shapes(config);
  size_t next = 0;
  w.for_each([&](const std::string& name, at::Tensor& tensor) {
    REXP_ASSERT(next < shapes.size() && shapes[next].first == name,
                "tensor_shapes and for_each agree");
    tensor = make(name, shapes[next++].second);
  });
  return w;
}

Weights random_weights(const Config& config, uint64_t s) {
  return weights_of(config, [&](const std::string& name, const std::vector<int64_t>& shape) {
    if (shape.size() == 1) return at::ones(shape);
    return random_normal(shape, kInitialSigma, stream(s, name));
  });
}

at::Tensor random_normal(at::IntArrayRef sizes, double sigma, uint64_t s) {
  at::Tensor out = at::empty(sizes);
  fill_normal(out.data_ptr<float>(), out.numel(), sigma, s);
  return out;
}

at::Tensor random_rows(std::span<const int32_t> ids, int64_t width, double sigma, uint64_t s) {
  at::Tensor out = at::empty({static_cast<int64_t>(ids.size()), width});
  for (size_t r = 0; r < ids.size(); ++r) {
    fill_normal(out.data_ptr<float>() + static_cast<int64_t>(r) * width, width, sigma,
                stream(s, static_cast<uint64_t>(ids[r])));
  }
  return out;
}

}  // namespace rexp::model
