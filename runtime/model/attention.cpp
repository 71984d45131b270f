#include "runtime/model/attention.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/model/attention_loops.h"
#include "runtime/model/fused_ops.h"
#include "runtime/model/grain.h"

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

// ---- over offsets: fp32 on the CPU --------------------------------------------------------------------------------

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool by_offsets(const at::Tensor& q) {
  return q.is_cpu() && q.scalar_type() == at::kFloat && q.size(2) % kAttentionLanes == 0;
}

/// Calls f(sequence's first token, its shape, key head, scratch) for every sequence and key head. Heads are the outer order, so that a
/// batch sorted by length is work in equal shares.
template <class F>
void for_each_sequence(const at::Tensor& q, const at::Tensor& k,
                       const std::vector<int64_t>& offsets, const F& f) {
  const auto sequences = static_cast<int64_t>(offsets.size()) - 1;
  AttentionShape shape;
  shape.dim = q.size(2);
  shape.q_stride = q.size(1) * shape.dim;
  shape.kv_stride = k.size(1) * shape.dim;
  shape.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(shape.dim)));
  const int64_t units = sequences * k.size(1);
  at::parallel_for(0, units, grain(q.numel() / std::max<int64_t>(1, units)),
                   [&](int64_t begin, int64_t end) {
                     std::vector<float> scratch;
                     for (int64_t i = begin; i < end; ++i) {
                       const auto s = static_cast<size_t>(i % sequences);
                       AttentionShape one = shape;
                       one.length = offsets[s + 1] - offsets[s];
                       const auto needed = static_cast<size_t>(attention_scratch(one));
                       if (scratch.size() < needed) scratch.resize(needed);
                       f(offsets[s], one, i / sequences, scratch.data());
                     }
                   });
}

class OffsetAttention : public torch::autograd::Function<OffsetAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q_in,
                            const at::Tensor& k_in, const at::Tensor& v_in,
                            const std::vector<int64_t>& offsets) {
    const at::Tensor q = q_in.contiguous(), k = k_in.contiguous(), v = v_in.contiguous();
    at::Tensor out = at::empty_like(q), lse = at::empty({q.size(1), q.size(0)}, q.options());
    const float *qs = q.const_data_ptr<float>(), *ks = k.const_data_ptr<float>(),
                *vs = v.const_data_ptr<float>();
    float *outs = out.mutable_data_ptr<float>(), *sums = lse.mutable_data_ptr<float>();
    const int64_t tokens = q.size(0), group = q.size(1) / k.size(1);
    for_each_sequence(q, k, offsets,
                      [&](int64_t first, const AttentionShape& s, int64_t kv, float* scratch) {
                        const int64_t at_kv = first * s.kv_stride + kv * s.dim;
                        for (int64_t head = kv * group; head < (kv + 1) * group; ++head) {
                          const int64_t at_q = first * s.q_stride + head * s.dim;
                          attention_forward(s, qs + at_q, ks + at_kv, vs + at_kv, outs + at_q,
                                            sums + head * tokens + first, scratch);
                        }
                      });
    context->save_for_backward({q, k, v, out, lse});
    context->saved_data["offsets"] = offsets;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &q = saved[0], &k = saved[1], d_out = d_outputs[0].contiguous();
    at::Tensor dq = at::empty_like(q), dk = at::zeros_like(k), dv = at::zeros_like(k);
    const float *qs = q.const_data_ptr<float>(), *ks = k.const_data_ptr<float>(),
                *vs = saved[2].const_data_ptr<float>(), *outs = saved[3].const_data_ptr<float>(),
                *sums = saved[4].const_data_ptr<float>(), *d_outs = d_out.const_data_ptr<float>();
    float *dqs = dq.mutable_data_ptr<float>(), *dks = dk.mutable_data_ptr<float>(),
          *dvs = dv.mutable_data_ptr<float>();
    const int64_t tokens = q.size(0), group = q.size(1) / k.size(1);
    for_each_sequence(q, k, context->saved_data["offsets"].toIntVector(),
                      [&](int64_t first, const AttentionShape& s, int64_t kv, float* scratch) {
                        const int64_t at_kv = first * s.kv_stride + kv * s.dim;
                        for (int64_t head = kv * group; head < (kv + 1) * group; ++head) {
                          const int64_t at_q = first * s.q_stride + head * s.dim;
                          attention_backward(s, qs + at_q, ks + at_kv, vs + at_kv,
                                             {outs + at_q, sums + head * tokens + first,
                                              d_outs + at_q, dqs + at_q, dks + at_kv, dvs + at_kv},
                                             scratch);
                        }
                      });
    return {dq, dk, dv, at::Tensor()};
  }
};

// ---- by buckets: everything else --------------------------------------------------------------------------------

at::Tensor bucketed_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
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

}  // namespace

at::Tensor packed_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const Layout& layout) {
  if (!by_offsets(q)) return bucketed_attention(q, k, v, layout);
  return OffsetAttention::apply(q, k, v, layout.offsets).view({q.size(0), -1});
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
