#include <algorithm>
#include <cmath>

#include "runtime/report/format.h"
#include "runtime/report/summary.h"
#include "runtime/report/tally_table.h"

namespace rexp::report {
namespace {

constexpr int kMaxNameWidth = 40;
constexpr int kGap = 2;

struct TextCell {
  std::string value, interval;
  bool best = false;
  std::string plain() const {
    return value + (interval.empty() ? "" : " " + interval) + (best ? " *" : "  ");
  }
};

TextCell text_cell(const SummaryTable::Cell& cell) {
  if (cell.row == nullptr || !std::isfinite(cell.row->value)) return {"–", "", false};
  const double half = half_interval(*cell.row);
  return {metric_text(cell.row->value), std::isfinite(half) && half > 0 ? "±" + fixed(half, 4) : "",
          cell.best};
}

std::string styled(const TextCell& cell, int width, bool colour) {
  const std::string fill = padded("", width - display_width(cell.plain()));
  if (!colour) return fill + cell.plain();
  const std::string value = cell.best ? "\033[1m" + cell.value + "\033[0m" : cell.value;
  const std::string interval = cell.interval.empty() ? "" : " \033[2m" + cell.interval + "\033[0m";
  return fill + value + interval + (cell.best ? " \033[1m*\033[0m" : "  ");
}

/// One table of the metrics [begin, end).
void append_block(const SummaryTable& table, size_t begin, size_t end,
                  const std::vector<int>& widths, int name_width, bool colour, std::string* out) {
  const auto finish_line = [&](std::string line) {
    while (!line.empty() && line.back() == ' ') line.pop_back();
    *out += line + "\n";
  };
  std::string head = padded("system", name_width), rule;
  int total = name_width;
  for (size_t m = begin; m < end; ++m) {
    head += std::string(kGap, ' ') + padded(table.metrics[m] + "  ", widths[m], true);
    total += kGap + widths[m];
  }
  for (int i = 0; i < total; ++i) rule += "─";
  finish_line(head);
  finish_line(rule);
  for (size_t s = 0; s < table.systems.size(); ++s) {
    std::string line = padded(shortened(table.systems[s], name_width), name_width);
    for (size_t m = begin; m < end; ++m)
      line += std::string(kGap, ' ') + styled(text_cell(table.cells[s][m]), widths[m], colour);
    finish_line(line);
  }
}

void append_table(const SummaryTable& table, const TerminalOptions& options, std::string* out) {
  int name_width = display_width("system");
  for (const std::string& system : table.systems)
    name_width = std::max(name_width, display_width(system));
  name_width = std::min(name_width, kMaxNameWidth);
  std::vector<int> widths;
  for (size_t m = 0; m < table.metrics.size(); ++m) {
    widths.push_back(display_width(table.metrics[m]) + 2);
    for (const auto& line : table.cells)
      widths[m] = std::max(widths[m], display_width(text_cell(line[m]).plain()));
  }
  const std::string title = table.title();
  if (!title.empty()) *out += (options.colour ? "\033[1m" + title + "\033[0m" : title) + "\n";
  for (size_t begin = 0; begin < table.metrics.size();) {
    size_t end = begin;
    int used = name_width;
    while (end < table.metrics.size() &&
           (end == begin || used + kGap + widths[end] <= options.width))
      used += kGap + widths[end++];
    if (begin > 0) *out += "\n";
    append_block(table, begin, end, widths, name_width, options.colour, out);
    begin = end;
  }
}

}  // namespace

std::string terminal_table(const ReportData& data, const TerminalOptions& options) {
  std::string out;
  bool intervals = false, several = false;
  for (const SummaryTable& table : summary_tables(data.metrics)) {
    if (!out.empty()) out += "\n";
    append_table(table, options, &out);
    several |= table.systems.size() > 1;
  }
  for (const MetricRow& row : data.metrics) intervals |= half_interval(row) > 0;
  if (several || intervals) out += "\n";
  if (several) out += "* best of its column";
  if (intervals) out += std::string(several ? "   " : "") + "± half of the 95 % interval";
  if (several || intervals) out += "\n";
  for (const TallySummary& tally : data.tallies)
    out += (out.empty() ? "" : "\n") + tally_text(tally);
  for (const std::string& note : data.notes) out += "note: " + note + "\n";
  return out;
}

}  // namespace rexp::report
