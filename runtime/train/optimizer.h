// AdamW with decoupled weight decay (Loshchilov, Hutter 2019) over LibTorch's fused kernel, and clipping by the global norm.
//
//   m <- b1 m + (1 - b1) g    v <- b2 v + (1 - b2) g^2    p <- p - lr decay p - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
//
// Matrices decay; vectors (norm weights, biases) do not.
#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "runtime/train/stage_spec.h"

namespace rexp::train {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

class AdamW {
 public:
  /// `parameters`: leaves that require a gradient, in a fixed order.
  AdamW(NamedTensors parameters, const AdamWSpec& spec);

  /// Scales all gradients so that their global norm is at most spec.clip. Returns the norm before; nan or inf pass through.
  double clip();
  /// One update with the rate spec.lr * factor, then gradients are zeroed. Parameters without a gradient are left as they are.
  void step(double factor);

  int64_t steps() const { return steps_; }
  const NamedTensors& parameters() const { return parameters_; }
  /// Moments under the names "m/<parameter>" and "v/<parameter>"; the tensors share memory with the optimizer.
  NamedTensors state() const;
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  NamedTensors parameters_;
  std::vector<at::Tensor> m_, v_;
  AdamWSpec spec_;
  int64_t steps_ = 0;
};

}  // namespace rexp::train
