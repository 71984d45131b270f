// Between rows of plain numbers, which the codebook's room computes with, and tensors.
#pragma once

#include <ATen/ATen.h>

#include "runtime/codebook/vectors.h"

namespace rexp::quantiser {

/// A copy, [rows, size].
at::Tensor to_tensor(const codebook::Vectors& vectors);
codebook::Vectors to_vectors(const at::Tensor& matrix);

}  // namespace rexp::quantiser
