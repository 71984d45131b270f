// Matrix products in the precision of a stage. bf16 halves the bytes and, where the CPU multiplies it (avx512_bf16), takes a fifth of the
// time: inputs, weights and gradients are rounded to bf16 where a product reads them and sums are kept in fp32, while weights, optimizer,
// norms, rotary embedding, softmax and loss stay fp32.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>

#include "runtime/base/result.h"

namespace rexp::model {

enum class Precision : uint8_t { fp32, bf16 };

/// "fp32", "bf16", or "auto": bf16 where `device` multiplies it faster. Error: another word.
Result<Precision> pick_precision(const std::string& wanted, at::Device device);
const char* to_string(Precision precision);

/// x [N, in] w^T [in, out] -> fp32 [N, out]; differentiable.
at::Tensor linear(const at::Tensor& x, const at::Tensor& w, Precision precision);

/// a b as fp32, each rounded as `precision` says; not differentiable.
at::Tensor product(const at::Tensor& a, const at::Tensor& b, Precision precision);

}  // namespace rexp::model
