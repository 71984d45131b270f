#include <algorithm>
#include <cmath>

#include "runtime/report/charts.h"
#include "runtime/report/svg.h"

namespace rexp::report {
namespace {

constexpr double kWidth = 480, kNames = 168, kValues = 62, kRow = 26, kTop = 6;
constexpr int kNameColumns = 22;

std::string panel(const SummaryTable& table, size_t metric, const std::vector<int>& colour_of) {
  double low = 0, high = 0;
  for (const auto& line : table.cells) {
    if (line[metric].row == nullptr) continue;
    const MetricRow& row = *line[metric].row;
    if (std::isfinite(row.value)) low = std::min(low, row.value), high = std::max(high, row.value);
    if (std::isfinite(row.high)) high = std::max(high, row.high);
  }
  if (high <= low) high = low + 1;
  const double plot = kWidth - kNames - kValues;
  const auto x = [&](double v) { return kNames + (v - low) / (high - low) * plot; };
  Svg svg(kWidth, kTop * 2 + kRow * static_cast<double>(table.systems.size()),
          table.metrics[metric] + " of every system, with 95 % intervals");
  svg.line(x(0), kTop, x(0), kTop + kRow * static_cast<double>(table.systems.size()),
           "class=\"axis\"");
  for (size_t s = 0; s < table.systems.size(); ++s) {
    const double y = kTop + kRow * static_cast<double>(s), middle = y + kRow / 2;
    svg.text(kNames - 8, middle + 4, shortened(table.systems[s], kNameColumns), "end");
    const MetricRow* row = table.cells[s][metric].row;
    if (row == nullptr || !std::isfinite(row->value)) {
      svg.text(kNames + 6, middle + 4, "–", "start", "label muted");
      continue;
    }
    const std::string tip = table.systems[s] + ": " + metric_text(row->value) + " (" +
                            metric_text(row->low) + " to " + metric_text(row->high) + ")";
    svg.rect(std::min(x(0), x(row->value)), y + 5, std::abs(x(row->value) - x(0)), kRow - 10,
             "rx=\"2\" class=\"bar f" + std::to_string(colour_of[s]) + "\"", tip);
    if (std::isfinite(row->low) && std::isfinite(row->high) && row->high > row->low) {
      const double from = x(std::max(row->low, low)),
                   to = x(row->high);  // an interval may reach below the axis
      svg.line(from, middle, to, middle, "class=\"whisker\"");
      for (const double end : {from, to})
        svg.line(end, middle - 4, end, middle + 4, "class=\"whisker\"");
    }
    svg.text(kWidth - 2, middle + 4, metric_text(row->value), "end",
             table.cells[s][metric].best ? "label strong" : "label");
  }
  return "<figure class=\"panel\"><figcaption>" + escape(table.metrics[metric]) + "</figcaption>" +
         svg.take() + "</figure>\n";
}

}  // namespace

std::string metric_charts(const SummaryTable& table, const std::vector<int>& colour_of) {
  std::string out = "<div class=\"panels\">\n";
  for (size_t metric = 0; metric < table.metrics.size(); ++metric)
    out += panel(table, metric, colour_of);
  return out + "</div>\n";
}

}  // namespace rexp::report
