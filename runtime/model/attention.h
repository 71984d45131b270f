// The two shapes of attention: causal inside packed sequences, and queries over a cache under a
// mask.
#pragma once

#include <ATen/ATen.h>

#include "runtime/model/packing.h"

namespace rexp::model {

/// Causal attention inside each sequence of a packed stream: q [T, heads, D], k and v [T, kv_heads,
/// D] -> [T, heads * D]. Differentiable. fp32 on the CPU goes sequence by sequence (attention_loops.h);
/// everything else in buckets of similar length, where what padding slots compute is dropped and gets no
/// gradient.
at::Tensor packed_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const Layout& layout);

/// q [users, n, heads, D], k and v [users, kv_heads, K, D], bias [users, 1, n * heads / kv_heads,
/// K] (see cached_bias) -> [users * n, heads * D]. The query heads that share keys become further
/// query rows, so that keys are read once.
at::Tensor cached_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& bias);

/// 0 where `mask` (bool [users, n, K]) is true, else minus infinity, repeated for the `group` query
/// heads that share keys.
at::Tensor cached_bias(const at::Tensor& mask, int64_t group);

}  // namespace rexp::model
