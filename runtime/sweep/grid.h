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

/// One axis down, another across; a table per metric and, where there are more axes, per combination of their values.
struct CrossTable {
  std::string title;
  std::string corner;                          // "mix \\ base"
  std::vector<std::string> rows, columns;      // values of the axes
  std::vector<std::vector<const Row*>> cells;  // null where there is none
};
std::vector<CrossTable> cross_tables(const Sweep& sweep, const std::vector<Row>& rows);

/// In the order of the rows, into which the cells point.
std::vector<Grid> grids(const Sweep& sweep, const std::vector<Row>& rows);

}  // namespace rexp::sweep
