// Rows of a comparison as tables: points down, metrics across, one table per evaluation and treatment of seen items.
#pragma once

#include <string>
#include <vector>

#include "runtime/sweep/compare.h"

namespace rexp::sweep {

struct Grid {
  std::string output;
  int64_t place = 0;
  std::string system, protocol, split, seen;
  std::vector<std::string> metrics;
  std::vector<std::vector<const Row*>> cells;  // [points][metrics]; null where there is none
  /// "rates/learn · last_one · test · seen items may come again · 943 users · 3 seeds"
  std::string title() const;
};

/// In the order of the rows, into which the cells point.
std::vector<Grid> grids(const Sweep& sweep, const std::vector<Row>& rows);

}  // namespace rexp::sweep
