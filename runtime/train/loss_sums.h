// Losses of one step, summed by level and by task: what a process hears, and what all processes heard together.
#pragma once

#include <cstdint>
#include <map>

#include "runtime/train/train_step.h"

namespace rexp::train {

struct LossSums : LossLog {
  struct Sum {
    double loss = 0;
    int64_t count = 0;
  };
  using Sums = std::map<int, Sum>;
  Sums levels, tasks;

  void add(uint8_t level, int32_t task, double loss) override {
    for (Sum* sum : {&levels[level], &tasks[task]}) {
      sum->loss += loss;
      ++sum->count;
    }
  }
};

}  // namespace rexp::train
