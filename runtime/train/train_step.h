// One step of anything that is trained: a language model's stage, a sequential recommender, a quantiser. A step knows its batch and its
// gradients; the loop (loop.h) knows schedules, clipping, checkpoints, logs, interruptions and progress, and serves all of them.
//
//   class Regression : public TrainStep {
//     NamedTensors parameters() override { return {{"w", w_}}; }
//     Result<StepSums> gradients(int64_t step, LossLog*) override {
//       at::Tensor loss = (at::mm(x(step), w_) - y(step)).square().mean();
//       loss.backward();
//       return StepSums{.loss = loss.item<double>(), .labels = rows};
//     }
//   };
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/result.h"
#include "runtime/train/optimizer.h"

namespace rexp::train {

/// Hears the unweighted loss of every label: at its level (of a semantic id, of a codebook; 0: neither) and of its task; and what else
/// a step measures, by name ("usage 1").
class LossLog {
 public:
  virtual ~LossLog() = default;
  virtual void add(uint8_t level, int32_t task, double loss) = 0;
  virtual void quantity(const std::string& /*name*/, double /*value*/) {}
};

/// What one step saw.
struct StepSums {
  double loss = 0;      // weighted mean over the labels
  double weight = 1;    // of the labels together: what the loss and its gradients were divided by
  int64_t labels = 0;   // 0: there was nothing to learn from, and nothing is updated
  int64_t tokens = 0;   // what the step computed, for the speed that people see
  int64_t dropped = 0;  // examples that were left out
};

class TrainStep {
 public:
  virtual ~TrainStep() = default;
  /// Leaves that the optimizer updates, in a fixed order.
  virtual NamedTensors parameters() = 0;
  /// What a step changes beside them, in place; a checkpoint keeps it.
  virtual NamedTensors buffers() { return {}; }
  /// Steps [first, total) follow: work in the background may begin.
  virtual void start(int64_t /*first*/, int64_t /*total*/) {}
  /// Adds the gradients of a step (from 0) to those of the parameters. A function of the step, the parameters and the buffers.
  virtual Result<StepSums> gradients(int64_t step, LossLog* log) = 0;
  /// The parameters were updated.
  virtual Status updated(int64_t /*step*/) { return {}; }
  /// Nothing more is to be learnt: the loop ends before its last step.
  virtual bool finished() const { return false; }
};

}  // namespace rexp::train
