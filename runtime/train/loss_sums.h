// Losses of one step, summed by level and by task, and what else it measured: what a process hears, and what all processes heard together.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "runtime/train/train_step.h"

namespace rexp::train {

struct LossSums : LossLog {
  struct Sum {
    double loss = 0;
    int64_t count = 0;
  };
  using Sums = std::map<int, Sum>;
  Sums levels, tasks;
  std::map<std::string, Sum> quantities;  // of this process alone

  void add(uint8_t level, int32_t task, double loss) override {
    add_one(loss, &levels[level]);
    add_one(loss, &tasks[task]);
  }
  void quantity(const std::string& name, double value) override {
    add_one(value, &quantities[name]);
  }
  void add(const LossSums& others) {
    add_all(others.levels, &levels);
    add_all(others.tasks, &tasks);
    add_all(others.quantities, &quantities);
  }

 private:
  static void add_one(double value, Sum* sum) {
    sum->loss += value;
    ++sum->count;
  }
  template <class Key>
  static void add_all(const std::map<Key, Sum>& from, std::map<Key, Sum>* to) {
    for (const auto& [key, sum] : from) {
      (*to)[key].loss += sum.loss;
      (*to)[key].count += sum.count;
    }
  }
};

}  // namespace rexp::train
