// Training by several processes: each computes its share of a batch, all make the same update.
//
//   process 0: examples 0, 2, ..  ─> mean gradient of its labels, their weight ─┐ weighted mean
//   process 1: examples 1, 3, ..  ─> mean gradient of its labels, their weight ─┴──────────────> clip, update, everywhere alike
//
// A weighted mean of weighted means is the mean over the whole batch, so that any number of processes computes what one does, to
// rounding.
#pragma once

#include "runtime/base/result.h"
#include "runtime/group/process_group.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/loss_sums.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/train_step.h"

namespace rexp::train {

/// Gives everyone the state of process 0, which has read the last checkpoint: the steps done, and every tensor in place.
Status begin_alike(group::ProcessGroup& group, CheckpointInfo* info, const NamedTensors& state);

/// What a process knows of a step.
struct StepShare {
  StepSums sums;
  LossSums losses;
  bool stop = false;  // it was asked to stop after this step
};

/// Turns everyone's shares into the whole: sums and losses of the whole batch, the gradients of its mean loss, and whether anyone was
/// asked to stop.
Status combine(group::ProcessGroup& group, StepShare* step, const NamedTensors& parameters);

}  // namespace rexp::train
