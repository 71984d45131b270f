#include "runtime/model/attention.h"

#include <limits>
#include <vector>

#include "runtime/model/fused_ops.h"

namespace rexp::model {
namespace {

/// [count * length, heads, D] -> [count, heads, length, D]
at::Tensor to_heads(const at::Tensor& x, int64_t count, int64_t length) {
  return x.view({count, length, x.size(1), x.size(2)}).transpose(1, 2);
}

/// CUDA's fp32 kernels do not know grouped heads and fall back to a quadratic one; there keys are
/// repeated instead.
at::Tensor causal_attention(const at::Tensor& q, at::Tensor k, at::Tensor v) {
  const int64_t group = q.size(1) / k.size(1);
  if (group > 1 && !q.device().is_cpu()) {
    k = k.repeat_interleave(group, 1);
    v = v.repeat_interleave(group, 1);
  }
  return at::scaled_dot_product_attention(q, k, v, std::nullopt, 0.0, /*is_causal=*/true,
                                          std::nullopt, /*enable_gqa=*/q.size(1) != k.size(1));
}

}  // namespace

at::Tensor packed_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const Layout& layout) {
  std::vector<int64_t> slots;
  for (const Bucket& b : layout.buckets) slots.push_back(b.count * b.length);
  const auto by_bucket = [&](const at::Tensor& x) {
    const at::Tensor in_slots = layout.in_order ? x : padded_rows(x, layout.gather, layout.scatter);
    return in_slots.split_with_sizes(slots);
  };
  const std::vector<at::Tensor> qs = by_bucket(q), ks = by_bucket(k), vs = by_bucket(v);
  std::vector<at::Tensor> outputs;
  for (size_t i = 0; i < layout.buckets.size(); ++i) {
    const Bucket& b = layout.buckets[i];
    const auto heads = [&](const at::Tensor& x) { return to_heads(x, b.count, b.length); };
    outputs.push_back(causal_attention(heads(qs[i]), heads(ks[i]), heads(vs[i]))
                          .transpose(1, 2)
                          .reshape({slots[i], q.size(1) * q.size(2)}));
  }
  const at::Tensor flat = outputs.size() == 1 ? outputs.front() : at::cat(outputs);
  return layout.in_order ? flat : distinct_rows(flat, layout.scatter);
}

at::Tensor cached_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& bias) {
  const int64_t users = q.size(0), n = q.size(1), heads = q.size(2), dim = q.size(3),
                kv_heads = k.size(1), group = heads / kv_heads;
  const at::Tensor rows = q.view({users, n, kv_heads, group, dim})
                              .permute({0, 2, 3, 1, 4})
                              .reshape({users, kv_heads, group * n, dim});
  return at::scaled_dot_product_attention(rows, k, v, bias)
      .view({users, kv_heads, group, n, dim})
      .permute({0, 3, 1, 2, 4})
      .reshape({users * n, heads * dim});
}

at::Tensor cached_bias(const at::Tensor& mask, int64_t group) {
  const at::Tensor bias = at::zeros(mask.sizes(), mask.options().dtype(at::kFloat));
  return bias.masked_fill_(mask.logical_not(), -std::numeric_limits<float>::infinity())
      .unsqueeze(1)
      .repeat({1, 1, group, 1});
}

}  // namespace rexp::model
