// The loop over steps, the same for everything that is trained: schedule, clipping, update, log, progress, checkpoints.
//
//   Result<LoopResult> done = run_loop({.name = "stage `tune`", .total = 400, .fingerprint = "..", ..}, &step, optimizer, site);
//
// Same inputs, same machine and same number of threads give the same bytes, interrupted or not. Several processes (together.h) do the
// same steps with the same updates; process 0 alone reads and writes the work folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/group/process_group.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/progress.h"
#include "runtime/train/train_step.h"

namespace rexp::train {

/// Factor of the learning rate at a step (0-based) of `total`.
using Schedule = std::function<Result<double>(int64_t step, int64_t total)>;

/// Where and how a loop runs; nothing here changes what it computes.
struct LoopSite {
  std::string work;                // folder of checkpoints and logs; must outlive an interruption
  double checkpoint_seconds = 30;  // at least so many between two; 0: only when interrupted
  int64_t checkpoint_steps = 0;    // also after every so many steps; 0: by time only
  const std::atomic<bool>* interrupt = nullptr;
  group::ProcessGroup* group = nullptr;  // that train together; null: alone
  Progress* progress = nullptr;
};

struct LoopSpec {
  std::string name;   // in messages: "stage `tune`"
  std::string label;  // in progress lines: "tune"
  int64_t total = 0;  // steps
  Schedule schedule;  // empty: constant
  /// Names what is trained: a checkpoint of another is not continued.
  std::string fingerprint;
};

struct LoopResult {
  int64_t steps = 0;
  int64_t skipped = 0;  // steps without a label
  int64_t dropped = 0;  // examples that were left out
  double last_loss = 0;
  int64_t tokens = 0;  // of this run only, as is `seconds`
  double seconds = 0;
};

/// An error of kind `interrupted` when stopped: run again to continue. User errors: a loss or gradient that is not finite, a schedule
/// that is no rate. A damaged checkpoint is told on standard error and passed over.
Result<LoopResult> run_loop(const LoopSpec& spec, TrainStep* step, const OptimizerPlan& optimizer,
                            const LoopSite& site);

}  // namespace rexp::train
