// The state of a stage between two steps, so that a killed run loses at most the steps since.
//
//   work/state-120.safetensors   weights, and what the optimizer keeps: "m/<name>", "v/<name>", "momentum/<name>"
//   work/checkpoint-120.json     says that the state is whole, with checksums of it, of the log so far and of itself
//
// The last two are kept: where the newest is damaged, the one before it is taken. checkpoint_writer.h writes them while training goes on.
#pragma once

#include <cstdint>
#include <functional>
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
  std::string log_sums;         // StageLog::sums() then
};

/// Removes all but the newest checkpoint, writes `tensors`, then the JSON that says they are whole. Errors are the file system's.
Status save_checkpoint(const std::string& work, const CheckpointInfo& info,
                       const NamedTensors& tensors);

/// Copies the newest whole checkpoint of `run` into `tensors`, in place. nullopt when there is none. `damaged` hears of every one that
/// was passed over, and why; those are removed.
Result<std::optional<CheckpointInfo>> load_checkpoint(
    const std::string& work, const std::string& run, const NamedTensors& tensors,
    const std::function<void(const std::string& what)>& damaged);

/// Removes every checkpoint and every state file.
void remove_checkpoints(const std::string& work);

}  // namespace rexp::train
