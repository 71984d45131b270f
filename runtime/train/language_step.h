// A step of a language model: the labels of one batch of examples, forward and backward.
//
//   LanguageStep step(config, weights, {.objective = &objective, .dropout = 0.1, .stream = 5}, make_batch);
//   run_loop(.., &step, ..)
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <optional>
#include <vector>

#include "runtime/model/artifact.h"
#include "runtime/model/transformer.h"
#include "runtime/train/batch.h"
#include "runtime/train/objective.h"
#include "runtime/train/prefetch.h"
#include "runtime/train/stage_spec.h"
#include "runtime/train/train_step.h"

namespace rexp::train {

struct LanguageOptions {
  const Objective* objective = nullptr;
  Trains trains = Trains::everything;
  double dropout = 0;
  uint64_t stream = 0;  // of dropout
  model::Precision precision = model::Precision::fp32;
};

class LanguageStep : public TrainStep {
 public:
  /// `weights` are shared, on the device already; what is trained gets requires_grad. `make` gives the batch of a step, on another thread.
  LanguageStep(const model::Config& config, model::Weights weights, const LanguageOptions& options,
               Prefetch::Make make = {});

  NamedTensors parameters() override { return parameters_; }
  void start(int64_t first, int64_t total) override;
  Result<StepSums> gradients(int64_t step, LossLog* log) override;

  /// Gradients of one batch, added to those that are there; the batch's loss.
  double accumulate(const Batch& batch, LossLog* log = nullptr);

  model::Weights& weights() { return weights_; }

 private:
  std::vector<at::Tensor> head() const;

  model::Weights weights_;
  model::Transformer transformer_;
  LanguageOptions options_;
  NamedTensors parameters_;
  Prefetch::Make make_;
  std::unique_ptr<Prefetch> batches_;
};

}  // namespace rexp::train
