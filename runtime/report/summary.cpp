#include "runtime/report/summary.h"

#include <algorithm>
#include <cmath>

namespace rexp::report {
namespace {

/// Index of `name` in `names`, added where it is new.
size_t index_in(std::vector<std::string>* names, const std::string& name) {
  const auto found = std::find(names->begin(), names->end(), name);
  if (found != names->end()) return static_cast<size_t>(found - names->begin());
  names->push_back(name);
  return names->size() - 1;
}

void mark_best(SummaryTable* table) {
  if (table->systems.size() < 2) return;
  for (size_t m = 0; m < table->metrics.size(); ++m) {
    const bool smaller = smaller_is_better(table->metrics[m]);
    double best = 0;
    bool any = false;
    for (const auto& line : table->cells) {
      if (line[m].row == nullptr || !std::isfinite(line[m].row->value)) continue;
      const double value = line[m].row->value;
      if (!any || (smaller ? value < best : value > best)) best = value;
      any = true;
    }
    for (auto& line : table->cells)
      line[m].best = any && line[m].row != nullptr && line[m].row->value == best;
  }
}

std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace

std::string SummaryTable::title() const {
  std::string out;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) out += (out.empty() ? "" : " · ") + part;
  };
  add(words(protocol));
  add(split);
  add(seen == "keep" ? "seen items kept" : seen == "drop" ? "seen items dropped" : words(seen));
  if (users_high > 0) {
    add(users_low == users_high
            ? std::to_string(users_high) + " users"
            : std::to_string(users_low) + "–" + std::to_string(users_high) + " users");
  }
  return out;
}

std::vector<SummaryTable> summary_tables(const std::vector<MetricRow>& rows) {
  std::vector<SummaryTable> tables;
  for (const MetricRow& row : rows) {
    auto table = std::find_if(tables.begin(), tables.end(), [&](const SummaryTable& t) {
      return t.protocol == row.protocol && t.split == row.split && t.seen == row.seen;
    });
    if (table == tables.end()) {
      tables.push_back({row.protocol, row.split, row.seen, {}, {}, {}, row.n, row.n});
      table = tables.end() - 1;
    }
    const size_t system = index_in(&table->systems, row.system),
                 metric = index_in(&table->metrics, row.metric);
    table->cells.resize(table->systems.size());
    for (auto& line : table->cells) line.resize(table->metrics.size());
    table->cells[system][metric].row = &row;
    table->users_low = std::min(table->users_low, row.n);
    table->users_high = std::max(table->users_high, row.n);
  }
  for (SummaryTable& table : tables) mark_best(&table);
  return tables;
}

bool smaller_is_better(std::string_view metric) {
  for (const std::string_view name :
       {"loss", "nll", "perplexity", "invalid", "mean_rank", "collision", "error"}) {
    if (metric.find(name) != std::string_view::npos) return true;
  }
  return false;
}

double half_interval(const MetricRow& row) { return (row.high - row.low) / 2; }

}  // namespace rexp::report
