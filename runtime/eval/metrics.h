// A metric is a formula over a rank, and the formula is a compiled function: here is only what it is given.
//
//   {"name": "prefix@2@10", "depth": 10, "levels": 2, "kernel": 1}     the kernel: rank => if rank > 0 then 1 else 0
//
// The rank is that of the first guess that is the true item, from 1, or 0 where it is not among the first `depth`. With `levels` it
// is the rank of the first answer whose first codes agree with the true item's. Where several items share a semantic id, an
// answer (one semantic id) is several guesses, in the order of the catalogue (popularity): meeting the semantic id is not meeting
// the item. An answer that is no item keeps its rank and is a miss.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/base/result.h"

namespace rexp::eval {

struct Metric {
  std::string name;
  int64_t depth = 0;  // guesses looked at; 0: all, of metrics without `levels`
  int levels = 0;     // codes that must agree; 0: the item itself is looked for
  std::function<Result<double>(int64_t rank)> value;
};

}  // namespace rexp::eval
