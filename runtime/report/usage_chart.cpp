#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "runtime/report/charts.h"
#include "runtime/report/svg.h"

namespace rexp::report {
namespace {

constexpr double kWidth = 984, kStrip = 26, kSorted = 72, kGap = 10;
constexpr size_t kCells = 360;  // more codes than this share cells

/// Exponential of the entropy of the counts: how many codes are in use, evenly spread.
double perplexity(const std::vector<int64_t>& counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  double entropy = 0;
  for (const int64_t count : counts) {
    if (count > 0)
      entropy -= static_cast<double>(count) / total * std::log(static_cast<double>(count) / total);
  }
  return total > 0 ? std::exp(entropy) : 0;
}

std::string level_chart(const std::vector<int64_t>& counts, size_t level) {
  const int64_t most = std::max<int64_t>(1, *std::max_element(counts.begin(), counts.end()));
  const size_t cells = std::min(counts.size(), kCells);
  const double cell = kWidth / static_cast<double>(cells);
  Svg svg(kWidth, kStrip + kGap + kSorted, "items per code of level " + std::to_string(level + 1));
  for (size_t i = 0; i < cells; ++i) {
    const size_t begin = i * counts.size() / cells,
                 end = std::max(begin + 1, (i + 1) * counts.size() / cells);
    const int64_t count = *std::max_element(counts.begin() + static_cast<int64_t>(begin),
                                            counts.begin() + static_cast<int64_t>(end));
    // the square root spreads the small counts; an unused code shows the ground
    const double ink =
        count == 0
            ? 0.04
            : 0.15 + 0.85 * std::sqrt(static_cast<double>(count) / static_cast<double>(most));
    svg.rect(cell * static_cast<double>(i), 0, std::max(0.6, cell - (cells > 180 ? 0.2 : 1)),
             kStrip,
             "class=\"f" + std::to_string((level + 1) % kColours) + "\" fill-opacity=\"" +
                 fixed(ink, 2) + "\"",
             "code " + std::to_string(begin) + ": " + std::to_string(count) + " items");
  }
  std::vector<int64_t> sorted = counts;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const double base = kStrip + kGap + kSorted;
  std::string area = "M0 " + fixed(base, 1);
  for (size_t i = 0; i < cells; ++i) {
    const double y = base - kSorted * static_cast<double>(sorted[i * sorted.size() / cells]) /
                                static_cast<double>(most);
    area += "L" + fixed(cell * static_cast<double>(i), 1) + " " + fixed(y, 1) + "H" +
            fixed(cell * static_cast<double>(i + 1), 1);
  }
  svg.path(area + "V" + fixed(base, 1) + "Z",
           "class=\"area f" + std::to_string((level + 1) % kColours) + "\"");
  svg.line(0, base - 0.5, kWidth, base - 0.5, "class=\"axis\"");
  svg.text(kWidth, kStrip + kGap + 14, "sorted, most " + std::to_string(most), "end",
           "label muted");

  const auto used = std::count_if(counts.begin(), counts.end(), [](int64_t c) { return c > 0; });
  return "<figure class=\"wide\"><figcaption>level " + std::to_string(level + 1) +
         "</figcaption><p class=\"muted\">" + std::to_string(used) + " of " +
         std::to_string(counts.size()) + " codes in use · perplexity " +
         compact(perplexity(counts)) + "</p>" + svg.take() + "</figure>\n";
}

}  // namespace

std::string usage_charts(const CodebookSummary& codebook) {
  std::string out;
  for (size_t level = 0; level < codebook.usage.size(); ++level) {
    if (!codebook.usage[level].empty()) out += level_chart(codebook.usage[level], level);
  }
  return out;
}

}  // namespace rexp::report
