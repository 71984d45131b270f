// A step of a sequential recommender, and the look at valid behind every epoch.
//
//   SequentialStep step(recipe, dataset, {.stream = s, .valid = true});
//   run_loop({.total = recipe.epochs * step.steps_per_epoch(), ..}, &step, recipe.optimizer, site);
//   Network best = step.best();
//
// With `valid` training ends once `patience` epochs have brought no gain in NDCG@10 of the users' valid events (all items ranked, seen ones
// among them), and the weights of the best epoch are kept; without it all epochs are trained and the last weights are kept.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/sequential/recipe.h"
#include "runtime/train/train_step.h"

namespace rexp::sequential {

struct StepOptions {
  uint64_t stream = 0;
  bool valid = false;
  at::Device device = at::kCPU;
};

class SequentialStep : public train::TrainStep {
 public:
  /// `recipe` and `dataset` outlive the step.
  SequentialStep(const Recipe& recipe, const data::Dataset& dataset, const StepOptions& options);

  train::NamedTensors parameters() override { return network_.tensors(); }
  train::NamedTensors buffers() override;
  void start(int64_t first, int64_t total) override;
  Result<train::StepSums> gradients(int64_t step, train::LossLog* log) override;
  Status updated(int64_t step) override;
  bool finished() const override;

  int64_t examples() const { return static_cast<int64_t>(stretches_.size()); }
  int64_t steps_per_epoch() const { return (examples() + recipe_.batch - 1) / recipe_.batch; }
  const Network& network() const { return network_; }
  const Network& best() const { return options_.valid ? best_ : network_; }
  /// NDCG@10 on valid behind each epoch so far, and the best of them, from 0; empty without valid.
  std::vector<float> curve() const;
  int64_t best_epoch() const;

  Batch batch_of(int64_t step) const;

 private:
  float look_at_valid() const;

  const Recipe& recipe_;
  const data::Dataset& dataset_;
  StepOptions options_;
  std::vector<Stretch> stretches_;
  Network network_, best_;
  at::Tensor curve_;  // [epochs], on the CPU
  int64_t epochs_done_ = 0;
};

/// Scores [histories, items] on the network's device; zeros where a history is empty, as nothing is known then.
at::Tensor score_histories(const Network& network, const Task& task,
                           std::span<const std::vector<int32_t>> histories);

}  // namespace rexp::sequential
