#include <algorithm>
#include <cmath>

#include "runtime/report/format.h"
#include "runtime/sweep/grid.h"
#include "runtime/sweep/output.h"

namespace rexp::sweep {

namespace {

using report::display_width;
using report::fixed;
using report::metric_text;
using report::padded;

constexpr const char* kGap = "  ";

std::string of_value(const Row* row) {
  if (row == nullptr || !std::isfinite(row->value)) return "–";
  return metric_text(row->value) + " ±" + fixed((row->high - row->low) / 2, 4);
}

std::string of_difference(const Row* row) {
  if (row == nullptr || !row->against_first) return "";
  const Against& apart = *row->against_first;
  const std::string sign = apart.value < 0 ? "" : "+";
  return sign + fixed(apart.value, 4) + " [" + fixed(apart.low, 4) + ", " + fixed(apart.high, 4) +
         "]" + (apart.resolved() ? " *" : "  ");
}

using Column = std::vector<std::string>;  // head, then a cell per point

std::vector<Column> columns_of(const Sweep& sweep, const Grid& grid) {
  std::vector<Column> columns = {{"#"}};
  for (const std::string& name : short_names(sweep.axes)) columns.push_back({name});
  for (const std::string& metric : grid.metrics) {
    columns.push_back({metric});
    columns.push_back({"to #1"});
  }
  for (size_t point = 0; point < sweep.points.size(); ++point) {
    size_t at = 0;
    columns[at++].push_back(std::to_string(point + 1));
    for (const std::string& value : sweep.points[point])
      columns[at++].push_back(report::shortened(value, 40));
    for (const Row* row : grid.cells[point]) {
      columns[at++].push_back(of_value(row));
      columns[at++].push_back(of_difference(row));
    }
  }
  return columns;
}

std::vector<Column> columns_of(const CrossTable& table) {
  std::vector<Column> columns = {{table.corner}};
  for (const std::string& row : table.rows) columns[0].push_back(report::shortened(row, 40));
  for (size_t across = 0; across < table.columns.size(); ++across) {
    columns.push_back({report::shortened(table.columns[across], 40)});
    for (const auto& line : table.cells) columns.back().push_back(of_value(line[across]));
  }
  return columns;
}

std::string line_of(const std::vector<Column>& columns, size_t at) {
  std::string line;
  for (const Column& column : columns) {
    int width = 0;
    for (const std::string& cell : column) width = std::max(width, display_width(cell));
    line += padded(column[at], width) + kGap;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line + "\n";
}

}  // namespace

std::string Grid::title() const {
  std::string out = system + " · " + protocol + " · " + split + " · " +
                    (seen == "keep" ? "seen items may come again" : "without seen items");
  int64_t users = 0, seeds = 0;
  for (const auto& line : cells) {
    for (const Row* row : line) {
      if (row != nullptr) users = std::max(users, row->users), seeds = std::max(seeds, row->seeds);
    }
  }
  out += " · " + std::to_string(users) + " users";
  return seeds > 1 ? out + " · " + std::to_string(seeds) + " seeds" : out;
}

std::vector<Grid> grids(const Sweep& sweep, const std::vector<Row>& rows) {
  std::vector<Grid> out;
  for (const Row& row : rows) {
    auto grid = std::find_if(out.begin(), out.end(), [&](const Grid& g) {
      return g.output == row.output && g.place == row.place && g.seen == row.seen;
    });
    if (grid == out.end()) {
      out.push_back({row.output, row.place, row.system, row.protocol, row.split, row.seen, {}, {}});
      grid = out.end() - 1;
      grid->cells.resize(sweep.points.size());
    }
    auto metric = std::find(grid->metrics.begin(), grid->metrics.end(), row.metric);
    const size_t at = static_cast<size_t>(metric - grid->metrics.begin());
    if (metric == grid->metrics.end()) {
      grid->metrics.push_back(row.metric);
      for (auto& line : grid->cells) line.push_back(nullptr);
    }
    grid->cells[static_cast<size_t>(row.point)][at] = &row;
  }
  return out;
}

std::string terminal_table(const Sweep& sweep, const std::vector<Row>& rows, bool colour) {
  std::string out;
  bool resolved = false;
  const std::vector<Grid> all = grids(sweep, rows);
  for (const Grid& grid : all) {
    if (grid.output != all.front().output || grid.place != all.front().place) continue;
    out += (colour ? "\033[1m" + grid.title() + "\033[0m" : grid.title()) + "\n";
    const std::vector<Column> columns = columns_of(sweep, grid);
    for (size_t i = 0; i <= sweep.points.size(); ++i) out += line_of(columns, i);
    out += "\n";
    for (const auto& line : grid.cells) {
      for (const Row* row : line)
        resolved |= row != nullptr && row->against_first && row->against_first->resolved();
    }
  }
  if (out.empty()) return out;
  for (const CrossTable& table : cross_tables(sweep, rows)) {
    out += (colour ? "\033[1m" + table.title + "\033[0m" : table.title) + "\n";
    const std::vector<Column> columns = columns_of(table);
    for (size_t i = 0; i <= table.rows.size(); ++i) out += line_of(columns, i);
    out += "\n";
  }
  out += "± half of the 95 % interval; to #1: paired difference to the first point, its interval";
  out += resolved ? ", * resolved (Holm over the points)\n"
                  : "; none is resolved (Holm over the points)\n";
  return out;
}

}  // namespace rexp::sweep
