// Dropout on what a part of the network adds to the residual stream. There is no generator: whether a unit is dropped is a function of
// (stream, token, unit), so that a mask is the same on every device, for any number of threads or processes, and however a step is cut
// into micro-batches.
//
//   Dropout dropout{0.1, stream(node, "dropout"), tokens};      // tokens: int64 [T], a number of its own for each token of the stage
//   x = add_dropped(x, attended, dropout, /*place=*/2 * layer);
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace rexp::model {

struct Dropout {
  double rate = 0;  // in steps of 1 / 65536
  uint64_t stream = 0;
  at::Tensor tokens;  // int64 [T] on the CPU: the numbers of a batch's tokens; undefined: 0..T-1
};

/// x + branch [T, n], after dropping units of the branch and scaling up the rest (Srivastava et al. 2014). `place` numbers the
/// branches of the network. Differentiable.
at::Tensor add_dropped(const at::Tensor& x, const at::Tensor& branch, const Dropout& dropout,
                       uint64_t place);

/// The branch [M, n] alone, of which unit i of row r is dropped for token r of 0..M-1.
at::Tensor dropped(const at::Tensor& branch, double rate, uint64_t stream);

}  // namespace rexp::model
