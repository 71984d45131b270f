// Forward, backward and update of one batch; knows nothing of files, people or interruptions.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <vector>

#include "runtime/model/artifact.h"
#include "runtime/model/transformer.h"
#include "runtime/train/batch.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/stage_spec.h"

namespace rexp::train {

struct StepOutcome {
  double loss = 0;           // weighted mean over the batch's labels
  double gradient_norm = 0;  // before clipping
  bool finite = true;        // false: nothing was updated
};

class Trainer {
 public:
  /// `weights` are shared, moved to the device already; what the stage trains gets requires_grad.
  Trainer(const StageSpec& spec, const model::Config& config, model::Weights weights,
          uint64_t stream);

  /// Called for each micro-batch with its labels' unweighted losses (a float tensor on the CPU).
  using OnLosses = std::function<void(const Packed& part, const at::Tensor& losses)>;

  /// Gradients of one batch, added to those that are there; the batch's loss.
  double accumulate(const Batch& batch, const OnLosses& on_losses = {});
  /// One optimizer step; `factor` is the schedule's. The batch must have a label.
  StepOutcome step(const Batch& batch, double factor, const OnLosses& on_losses = {});

  Optimizer& optimizer() { return *optimizer_; }
  model::Weights& weights() { return weights_; }
  /// Every tensor that a step changes: trained parameters and what the optimizer keeps.
  NamedTensors state() const;

 private:
  std::vector<at::Tensor> head() const;

  StageSpec spec_;
  model::Weights weights_;
  model::Transformer transformer_;
  std::unique_ptr<Optimizer> optimizer_;
  uint64_t stream_;
};

}  // namespace rexp::train
