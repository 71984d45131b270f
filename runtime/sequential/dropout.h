// Masks of dropout from the counter generator.
//
//   at::Tensor keep = dropout_mask({tokens, width}, 0.2, stream(s, step));      0, or 1 / (1 - 0.2)
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace rexp::sequential {

/// On the CPU; `rate` in [0, 1) to a precision of 2^-16.
at::Tensor dropout_mask(at::IntArrayRef sizes, double rate, uint64_t stream);

/// Normal draws with mean 0.
at::Tensor normal_draws(at::IntArrayRef sizes, double deviation, uint64_t stream);

}  // namespace rexp::sequential
