#include "runtime/train/checkpoint_writer.h"

#include <ATen/ATen.h>

#include <chrono>
#include <memory>
#include <utility>

#include "runtime/base/fault.h"

namespace rexp::train {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kShare = 0.02;
constexpr double kGuessedBytesPerSecond = 200e6;  // of a slow disk, checksums included

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double guessed_seconds(const NamedTensors& state) {
  double bytes = 0;
  for (const auto& [name, tensor] : state) bytes += static_cast<double>(tensor.nbytes());
  return bytes / kGuessedBytesPerSecond;
}

}  // namespace

CheckpointWriter::CheckpointWriter(std::string work, const NamedTensors& state)
    : work_(std::move(work)), cost_(guessed_seconds(state)) {}

CheckpointWriter::~CheckpointWriter() {
  if (thread_.joinable()) thread_.join();
}

bool CheckpointWriter::affordable(double seconds) const {
  return !busy_ && cost_ <= kShare * seconds;
}

Status CheckpointWriter::start(const CheckpointInfo& info, const NamedTensors& state) {
  REXP_TRY(wait());
  const Clock::time_point begin = Clock::now();
  NamedTensors copy;
  copy.reserve(state.size());
  for (const auto& [name, tensor] : state) {
    copy.emplace_back(name, tensor.detach().to(tensor.options().device(at::kCPU),
                                               /*non_blocking=*/false, /*copy=*/true,
                                               at::MemoryFormat::Contiguous));
  }
  const double copied = seconds_since(begin);
  busy_ = true;
  thread_ = std::thread([this, info, copied, copy = std::move(copy)] {
    const Clock::time_point written_from = Clock::now();
    status_ = write(info, copy);
    cost_ = copied + seconds_since(written_from);
    busy_ = false;
  });
  return {};
}

Status CheckpointWriter::wait() {
  if (thread_.joinable()) thread_.join();
  return std::exchange(status_, {});
}

Status CheckpointWriter::write(const CheckpointInfo& info,
                               const NamedTensors& copy) const noexcept {
  try {
    return save_checkpoint(work_, info, copy);
  } catch (const std::exception& thrown) {
    return fault(thrown, "writing a checkpoint");
  }
}

}  // namespace rexp::train
