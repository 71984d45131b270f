// Operators that LibTorch has only as chains of small ones. On small models the chains cost more than the matrix products: each link
// is a pass over memory, and its backward pass two more. Here each is one pass forward and one backward.
//
// fp32 on the CPU runs our loops; everything else takes the chain. Both are differentiable and agree to rounding. Sums run in a fixed
// order in sixteen lanes, so results depend neither on the number of threads nor on the vector width of the machine.
#pragma once

#include <ATen/ATen.h>

namespace rexp::model {

/// x [.., n] / rms(x) * weight [n], rms over the last dimension (Zhang, Sennrich 2019).
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

/// Rotary embedding: pairs are (i, i + D / 2), as in Hugging Face's checkpoints. x [N, heads, D], cos and sin [N, 1, D / 2] without gradients.
at::Tensor rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin);

/// silu(gate) * up, elementwise (Shazeer 2020).
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);

/// Rows `index` (int64 [M], no index twice) of x: [M, ..]. The backward pass copies rows, where index_select's adds them one by one.
at::Tensor distinct_rows(const at::Tensor& x, const at::Tensor& index);

/// Rows `gather` (int64 [slots]) of x [T, ..], where slot `slot_of[t]` holds row t and every other slot is padding that nothing reads, so
/// that its gradient is zero: the backward pass takes rows `slot_of` of the gradient.
at::Tensor padded_rows(const at::Tensor& x, const at::Tensor& gather, const at::Tensor& slot_of);

}  // namespace rexp::model
