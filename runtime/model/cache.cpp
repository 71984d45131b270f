// Prefill and steps over cached keys and values.
#include <ATen/core/grad_mode.h>
#include <algorithm>

#include "runtime/base/assert.h"
#include "runtime/model/attention.h"
#include "runtime/model/transformer.h"

namespace rexp::model {
namespace {

Cache empty_cache(const Config& config, const Packed& prompts, int64_t extra_slots,
                  at::Device device) {
  Cache out;
  for (int64_t s = 0; s < prompts.sequences(); ++s) {
    const auto i = static_cast<size_t>(s);
    out.prompt_lengths.push_back(prompts.offsets[i + 1] - prompts.offsets[i]);
  }
  out.prompt_slots = out.used =
      *std::max_element(out.prompt_lengths.begin(), out.prompt_lengths.end());
  out.capacity = out.prompt_slots + extra_slots;
  const at::Tensor lengths = at::tensor(out.prompt_lengths, at::kLong).to(device);
  out.prompt_mask =
      at::arange(out.prompt_slots, lengths.options()).unsqueeze(0).lt(lengths.unsqueeze(1));
  // zeros, because a masked slot is still multiplied (by zero): it must be finite
  const auto room = [&] {
    return at::zeros({out.users(), config.kv_heads, out.capacity, config.head_dim},
                     at::TensorOptions(device));
  };
  for (int64_t l = 0; l < config.layers; ++l) out.layers.push_back({room(), room()});
  return out;
}

/// The user of each token of a packed stream, [T].
at::Tensor owners(const Packed& batch, at::Device device) {
  std::vector<int64_t> out;
  for (int64_t s = 0; s < batch.sequences(); ++s) {
    const auto i = static_cast<size_t>(s);
    out.insert(out.end(), static_cast<size_t>(batch.offsets[i + 1] - batch.offsets[i]), s);
  }
  return at::tensor(out, at::kLong).to(device);
}

}  // namespace

int64_t Transformer::cache_bytes() const {
  return config_.layers * 2 * config_.kv_heads * config_.head_dim *
         static_cast<int64_t>(sizeof(float));
}

Prefill Transformer::prefill(const Packed& prompts, int64_t extra_slots) const {
  const at::NoGradGuard no_grad;
  const Layout l = layout(prompts.offsets, device());
  REXP_ASSERT(l.longest <= config_.max_positions,
              "a prompt has more tokens than the model has positions");
  Prefill out{empty_cache(config_, prompts, extra_slots, device()), {}};
  const at::Tensor user = owners(prompts, device());
  const std::vector<int64_t> ends(prompts.offsets.begin() + 1, prompts.offsets.end());
  const at::Tensor last = at::tensor(ends, at::kLong).sub_(1).to(device());
  out.hidden = run(prompts.tokens, l.positions, {}, last, [&](size_t layer, const Heads& h) {
    Cache::Layer& c = out.cache.layers[layer];
    c.k.transpose(1, 2).index_put_({user, l.positions}, h.k);
    c.v.transpose(1, 2).index_put_({user, l.positions}, h.v);
    return packed_attention(h.q, h.k, h.v, l);
  });
  return out;
}

at::Tensor Transformer::step(const at::Tensor& tokens, const at::Tensor& positions,
                             const at::Tensor& mask, Cache& cache) const {
  const at::NoGradGuard no_grad;
  const int64_t users = cache.users(), n = tokens.size(1), filled = cache.used + n;
  REXP_ASSERT(tokens.size(0) == users && positions.sizes() == tokens.sizes(),
              "a step has tokens and positions for every user");
  REXP_ASSERT(filled <= cache.capacity, "the cache has room for the step");
  REXP_ASSERT((mask.sizes() == at::IntArrayRef{users, n, filled}),
              "the mask covers every filled slot");
  const at::Tensor bias = cached_bias(mask, config_.heads / config_.kv_heads);
  const at::Tensor out =
      run(tokens.reshape(-1), positions.reshape(-1), {}, {}, [&](size_t layer, const Heads& h) {
        Cache::Layer& c = cache.layers[layer];
        const auto store = [&](at::Tensor& slots, const at::Tensor& x) {
          slots.narrow(2, cache.used, n)
              .copy_(x.view({users, n, config_.kv_heads, config_.head_dim}).transpose(1, 2));
        };
        store(c.k, h.k);
        store(c.v, h.v);
        return cached_attention(h.q.view({users, n, config_.heads, config_.head_dim}),
                                c.k.narrow(2, 0, filled), c.v.narrow(2, 0, filled), bias);
      });
  cache.used = filled;
  return out.view({users, n, config_.hidden});
}

at::Tensor beam_mask(const Cache& cache, const at::Tensor& paths, int64_t n) {
  const int64_t users = cache.users(), behind = cache.used - cache.prompt_slots;
  at::Tensor ancestors = at::zeros({users, n, behind + n}, cache.prompt_mask.options());
  if (paths.size(2) > 0) ancestors.scatter_(2, paths, true);
  ancestors.narrow(2, behind, n).logical_or_(at::eye(n, cache.prompt_mask.options()).unsqueeze(0));
  return at::cat({cache.prompt_mask.unsqueeze(1).expand({users, n, cache.prompt_slots}), ancestors},
                 2);
}

}  // namespace rexp::model
