// What a sweep's `show` asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace rexp::eval {

/// `show = table(rows = mix, columns = base, cell = accuracy[0])`: two axes against each other.
struct SweepTable {
  size_t rows = 0, columns = 0;  // axes
  std::string output;            // of the experiment
  int64_t place = 0;             // in its list
};

/// `show = best(ndcg@10, on = valid_last)`
struct SweepBest {
  std::string metric, protocol;
};

}  // namespace rexp::eval
