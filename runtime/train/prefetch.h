// Batches in order, made by one background thread while the optimizer is busy with the last one.
//
//   Prefetch batches(first, end, make);        // make(step) runs on the thread
//   while (auto batch = batches.next()) ..     // nullopt after step end - 1
//
// The thread only decides when a batch is made, never what is in it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "runtime/base/result.h"
#include "runtime/train/batch.h"

namespace rexp::train {

class Prefetch {
 public:
  using Make = std::function<Result<Batch>(int64_t step)>;

  Prefetch(int64_t first_step, int64_t end_step, Make make, size_t ahead = 2);
  ~Prefetch();
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// The next batch, or the error that making it met; nullopt after the last.
  std::optional<Result<Batch>> next();

 private:
  void work(int64_t first_step, int64_t end_step);
  Result<Batch> make(int64_t step) const;

  Make make_;
  size_t ahead_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result<Batch>> ready_;
  bool stop_ = false, done_ = false;
  std::thread thread_;
};

}  // namespace rexp::train
