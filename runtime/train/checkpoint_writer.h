// Writes checkpoints while training goes on: the step that asks for one waits for a copy of the tensors only.
//
//   CheckpointWriter writer(work, state);
//   if (writer.affordable(seconds_since_last)) REXP_TRY(writer.start(info, state));
//   REXP_TRY(writer.wait());         // where the state must be on the disk
//
// What a checkpoint costs is measured; the next one begins when that is at most 2 % of the time between the two.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "runtime/base/result.h"
#include "runtime/train/checkpoint.h"

namespace rexp::train {

class CheckpointWriter {
 public:
  /// `state`: as later given to `start`; its size gives a first guess of what writing it costs.
  CheckpointWriter(std::string work, const NamedTensors& state);
  CheckpointWriter(const CheckpointWriter&) = delete;
  ~CheckpointWriter();

  /// Whether the last one is written and cost at most its share of `seconds`, the time since it began.
  bool affordable(double seconds) const;
  /// Copies `state` and begins to write it. Waits for the one before, whose error it returns.
  Status start(const CheckpointInfo& info, const NamedTensors& state);
  /// Waits until what was begun is on the disk; its error.
  Status wait();

 private:
  Status write(const CheckpointInfo& info, const NamedTensors& copy) const noexcept;

  std::string work_;
  std::thread thread_;
  Status status_;  // of the last one; read once its thread has ended
  std::atomic<bool> busy_{false};
  std::atomic<double> cost_;  // seconds that the last one took, copy and writing
};

}  // namespace rexp::train
