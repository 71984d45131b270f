#include "runtime/train/prefetch.h"

#include <utility>

#include "runtime/base/fault.h"

namespace rexp::train {

Prefetch::Prefetch(int64_t first_step, int64_t end_step, Make make, size_t ahead)
    : make_(std::move(make)),
      ahead_(ahead),
      thread_([this, first_step, end_step] { work(first_step, end_step); }) {}

Prefetch::~Prefetch() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<Batch> Prefetch::make(int64_t step) const {
  try {
    return make_(step);
  } catch (const std::exception& thrown) {
    return fault(thrown, "making the batch of step " + std::to_string(step + 1));
  }
}

void Prefetch::work(int64_t first_step, int64_t end_step) {
  bool failed = false;
  for (int64_t step = first_step; step < end_step && !failed; ++step) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || ready_.size() < ahead_; });
      if (stop_) return;
    }
    Result<Batch> batch = make(step);
    failed = !batch.ok();
    {
      std::lock_guard lock(mutex_);
      ready_.push_back(std::move(batch));
    }
    changed_.notify_all();
  }
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
}

std::optional<Result<Batch>> Prefetch::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_ || !ready_.empty(); });
  if (ready_.empty()) return std::nullopt;
  std::optional<Result<Batch>> batch(std::move(ready_.front()));
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return batch;
}

}  // namespace rexp::train
