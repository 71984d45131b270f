// The processes that run one experiment together, one per device, each with the same program and its own share of every batch.
//
//   Result<std::unique_ptr<ProcessGroup>> group = join(launch);     // waits for the others
//   std::vector<double> seen = {loss, labels};
//   REXP_TRY((*group)->sum(seen));                                  // the same sums everywhere
//
// All processes make the same calls in the same order. When one of them is gone, every call fails, here and in all others, with a user
// error that says who ended; from then on only `told_elsewhere` is of use.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "runtime/base/result.h"
#include "runtime/group/launch.h"

namespace at {
class Tensor;
}

namespace rexp::group {

class ProcessGroup {
 public:
  /// Leaves the group; process 0 stays until the others have left or are gone.
  virtual ~ProcessGroup() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// Process 0 owns what there is one of: the store, the log, the screen.
  bool leads() const { return rank() == 0; }

  /// Sums over all processes, in place; everyone gets the same bytes.
  virtual Status sum(std::span<double> values) = 0;
  virtual Status sum(const at::Tensor& tensor) = 0;
  /// Process 0's values, in place.
  virtual Status broadcast(const at::Tensor& tensor) = 0;

  /// Of a failure with this status, of which people are to be told once: nothing when this process is to tell them, else the status of
  /// the process that does. Asked once.
  virtual std::optional<int32_t> told_elsewhere(int32_t status) = 0;
};

/// Waits until all processes are there. User errors: an address that cannot be reached or listened at, processes that do not come, two
/// of one rank.
Result<std::unique_ptr<ProcessGroup>> join(const Launch& launch);

}  // namespace rexp::group
