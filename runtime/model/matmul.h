// Products of activations with weights: two thirds of the time of training.
//
//   q, k, v = linears(x, {Wq, Wk, Wv}, Precision::bf16)     // x [T, in], W [out, in] -> [T, out]
//
// fp32 on the CPU goes to oneDNN and not to LibTorch's default, MKL, which uses half of the vector width on CPUs that are not
// Intel's: 240 instead of 105 GFLOP/s on one core of a Zen 5.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "runtime/model/device.h"

namespace rexp::model {

/// x [T, in] times the transpose of each weight [out, in]: [T, out] each, in the type of x. Differentiable.
///
/// With bf16, factors are rounded to bf16 where a product reads them, sums are fp32 inside a product, and its result is rounded to
/// bf16 once. What goes in and comes out stays fp32, weights and their gradients too: gradients of micro-batches add up in fp32.
std::vector<at::Tensor> linears(const at::Tensor& x, at::TensorList weights, Precision precision);

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, Precision precision);

/// x as products of this precision read it: x itself, or rounded to bf16.
at::Tensor rounded(const at::Tensor& x, Precision precision);

/// The three products of a linear layer, without gradients: x w^T, dy w, dy^T x. Both factors have the same type.
at::Tensor times_transposed(const at::Tensor& x, const at::Tensor& w);
at::Tensor times(const at::Tensor& dy, const at::Tensor& w);
at::Tensor transposed_times(const at::Tensor& dy, const at::Tensor& x);

}  // namespace rexp::model
