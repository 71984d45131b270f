// The state of a stage between two steps, so that a killed run loses at most the steps since.
//
//   work/state-120.safetensors   weights, and what the optimizer keeps: "m/<name>", "v/<name>", "momentum/<name>"
//   work/checkpoint.json         names the state file; replaced as a whole, so a half-written state is never read
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/train/optimizer.h"

namespace rexp::train {

struct CheckpointInfo {
  std::string run;   // fingerprint of what is trained: another run's checkpoint is not continued
  int64_t step = 0;  // steps done
  int64_t optimizer_steps = 0;  // fewer when batches without a label were skipped
  int64_t dropped = 0;          // examples left out so far
  int64_t log_bytes = 0;        // length of log.jsonl then
};

/// Writes `tensors`, then the JSON that names them, then removes older states. Errors are the file system's.
Status save_checkpoint(const std::string& work, const CheckpointInfo& info,
                       const NamedTensors& tensors);

/// Copies the last checkpoint of `run` into `tensors`, in place. nullopt when there is none; a user error when its files are damaged.
Result<std::optional<CheckpointInfo>> load_checkpoint(const std::string& work,
                                                      const std::string& run,
                                                      const NamedTensors& tensors);

/// Removes checkpoint.json and every state file.
void remove_checkpoint(const std::string& work);

}  // namespace rexp::train
