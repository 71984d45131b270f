// Metric rows as tables: systems down, metrics across, one table per protocol, split and treatment of seen items.
#pragma once

#include <string>
#include <vector>

#include "runtime/report/report.h"

namespace rexp::report {

struct SummaryTable {
  struct Cell {
    const MetricRow* row =
        nullptr;  // null: the system has no such value; points into the ReportData
    bool best = false;
  };
  std::string protocol, split, seen;
  std::vector<std::string> systems, metrics;  // in the order of their first rows
  std::vector<std::vector<Cell>> cells;       // [systems][metrics]
  int64_t users_low = 0, users_high = 0;      // the smallest and the largest n

  /// "last one · test · seen items may come again · 943 users"
  std::string title() const;
};

std::vector<SummaryTable> summary_tables(const std::vector<MetricRow>& rows);

/// Is a smaller value of this metric the better one (loss, perplexity, nll, rank ..).
bool smaller_is_better(std::string_view metric);

/// Half the width of the interval.
double half_interval(const MetricRow& row);

}  // namespace rexp::report
