#include "runtime/report/tally_table.h"

#include <algorithm>

#include "runtime/report/format.h"

namespace rexp::report {
namespace {

std::string title(const TallySummary& tally) {
  return tally.name + (tally.seen == "keep"   ? " · seen items kept"
                       : tally.seen == "drop" ? " · seen items dropped"
                                              : "");
}

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

/// Head and lines: key, number of guesses, share of every class.
std::vector<std::vector<std::string>> cells(const TallySummary& tally) {
  std::vector<std::vector<std::string>> lines = {{"key", "guesses"}};
  lines[0].insert(lines[0].end(), tally.classes.begin(), tally.classes.end());
  for (const TallySummary::Row& row : tally.rows) {
    auto& line = lines.emplace_back();
    line = {std::to_string(row.key), std::to_string(row.n)};
    for (const double share : row.shares) line.push_back(percent(share));
  }
  return lines;
}

}  // namespace

std::string tally_text(const TallySummary& tally) {
  const auto lines = cells(tally);
  std::vector<int> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], display_width(line[i]));
  }
  std::string out = title(tally) + "\n";
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i)
      out += (i > 0 ? "  " : "") + padded(line[i], widths[i], /*right=*/true);
    out += "\n";
  }
  return out;
}

std::string tally_html(const TallySummary& tally) {
  const auto lines = cells(tally);
  std::string out = "<h3>" + escape(title(tally)) +
                    "</h3>\n<div class=\"scroll\"><table class=\"summary\"><thead><tr>";
  for (const std::string& cell : lines.front())
    out += "<th scope=\"col\">" + escape(cell) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (size_t row = 1; row < lines.size(); ++row) {
    out += "<tr><th scope=\"row\">" + escape(lines[row].front()) + "</th>";
    for (size_t i = 1; i < lines[row].size(); ++i) out += "<td>" + escape(lines[row][i]) + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace rexp::report
