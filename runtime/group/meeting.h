// Where processes find each other and see who is left: a few keys in c10d's TCPStore, which process 0 (or torchrun) keeps.
//
//   joined/<rank>   counts processes of that rank, so that two of one rank are noticed
//   roll_call       somebody has lost the others: whoever lives says so
//   here/<rank>     .. by this key, from a thread of its own, whatever else it computes
//   told            "<rank> <status>" of the process that tells people of the failure
//   left/<rank>     needs the store no more
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/group/launch.h"

namespace rexp::group {

class Meeting {
 public:
  /// Opens the store and waits for all processes.
  static Result<std::unique_ptr<Meeting>> open(const Launch& launch);
  /// Leaves; where this process keeps the store, once nobody needs it.
  ~Meeting();
  Meeting(const Meeting&) = delete;

  const Launch& launch() const { return launch_; }
  const c10::intrusive_ptr<c10d::Store>& store() const { return store_; }
  /// From now on roll calls are answered. The store must not be used for long waits any more.
  void answer_roll_calls();
  /// Why the others could not be reached: who has ended, or, when all are there, `what`.
  Error who_ended(const std::string& what);
  std::optional<int32_t> told_elsewhere(int32_t status);

 private:
  explicit Meeting(const Launch& launch) : launch_(launch) {}
  Status connect();
  Status wait_for_all();
  bool has(const std::string& key) const { return store_->check({key}); }
  std::vector<int> without(const std::string& mark) const;
  /// Once: whoever has not answered by then is gone.
  void call_roll();
  void leave();

  Launch launch_;
  c10::intrusive_ptr<c10d::Store> store_;
  bool called_ = false;
  std::atomic<bool> stop_{false};
  std::thread doorman_;
};

}  // namespace rexp::group
