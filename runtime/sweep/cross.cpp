#include <algorithm>

#include "runtime/sweep/grid.h"

namespace rexp::sweep {

namespace {

size_t place_of(std::vector<std::string>* values, const std::string& value) {
  const auto at = std::find(values->begin(), values->end(), value);
  if (at == values->end()) {
    values->push_back(value);
    return values->size() - 1;
  }
  return static_cast<size_t>(at - values->begin());
}

/// The values of the axes that are neither down nor across.
std::string others(const Sweep& sweep, const Cross& cross, size_t point) {
  const std::vector<std::string> names = short_names(sweep.axes);
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i != cross.rows && i != cross.columns)
      out += " · " + names[i] + "=" + sweep.points[point][i];
  }
  return out;
}

}  // namespace

std::vector<CrossTable> cross_tables(const Sweep& sweep, const std::vector<Row>& rows) {
  std::vector<CrossTable> out;
  if (!sweep.cross) return out;
  const Cross& cross = *sweep.cross;
  const std::vector<std::string> names = short_names(sweep.axes);
  CrossTable empty{"", names[cross.rows] + " \\ " + names[cross.columns], {}, {}, {}};
  for (const auto& point : sweep.points) {
    place_of(&empty.rows, point[cross.rows]);
    place_of(&empty.columns, point[cross.columns]);
  }
  empty.cells.assign(empty.rows.size(), std::vector<const Row*>(empty.columns.size(), nullptr));
  for (const Row& row : rows) {
    if (row.output != cross.output || row.place != cross.place) continue;
    const auto point = static_cast<size_t>(row.point);
    const std::string title =
        row.metric + " · " +
        (row.seen == "keep" ? "seen items may come again" : "without seen items") +
        others(sweep, cross, point);
    auto table = std::find_if(out.begin(), out.end(),
                              [&](const CrossTable& one) { return one.title == title; });
    if (table == out.end()) {
      out.push_back(empty);
      table = out.end() - 1;
      table->title = title;
    }
    const size_t down = place_of(&table->rows, sweep.points[point][cross.rows]),
                 across = place_of(&table->columns, sweep.points[point][cross.columns]);
    table->cells[down][across] = &row;
  }
  return out;
}

}  // namespace rexp::sweep
