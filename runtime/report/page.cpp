#include <algorithm>
#include <cmath>

#include "runtime/report/charts.h"
#include "runtime/report/format.h"
#include "runtime/report/page_parts.h"
#include "runtime/report/summary.h"
#include "runtime/report/tally_table.h"

namespace rexp::report {
namespace {

/// Every system has one colour on the whole page.
class Colours {
 public:
  explicit Colours(const std::vector<MetricRow>& rows) {
    for (const MetricRow& row : rows) {
      if (std::find(systems_.begin(), systems_.end(), row.system) == systems_.end())
        systems_.push_back(row.system);
    }
  }
  std::vector<int> of(const std::vector<std::string>& systems) const {
    std::vector<int> colours;
    for (const std::string& system : systems) {
      colours.push_back(
          static_cast<int>(std::find(systems_.begin(), systems_.end(), system) - systems_.begin()) %
          kColours);
    }
    return colours;
  }

 private:
  std::vector<std::string> systems_;
};

std::string tile(const std::string& label, const std::string& value, const std::string& below) {
  return "<div class=\"tile\"><span class=\"muted\">" + escape(label) + "</span><strong>" +
         escape(value) + "</strong><span class=\"muted\">" + escape(below) + "</span></div>\n";
}

/// The headline numbers: the best systems by the first metrics, and of how many users.
std::string tiles(const std::vector<SummaryTable>& tables) {
  std::string out;
  if (!tables.empty()) {
    const SummaryTable& table = tables.front();
    for (size_t m = 0; m < std::min<size_t>(3, table.metrics.size()); ++m) {
      for (size_t s = 0; s < table.systems.size(); ++s) {
        const SummaryTable::Cell& cell = table.cells[s][m];
        if (cell.row == nullptr || !(cell.best || table.systems.size() == 1)) continue;
        out += tile((table.systems.size() > 1 ? "best " : "") + table.metrics[m],
                    metric_text(cell.row->value), table.systems[s]);
        break;
      }
    }
    if (table.users_high > 0) out += tile("users", std::to_string(table.users_high), table.split);
  }
  return out.empty() ? out : "<div class=\"tiles\">\n" + out + "</div>\n";
}

std::string cell_html(const SummaryTable::Cell& cell, double largest) {
  if (cell.row == nullptr || !std::isfinite(cell.row->value)) return "<td class=\"muted\">–</td>";
  const double half = half_interval(*cell.row),
               share = largest > 0 ? std::max(0.0, cell.row->value) / largest : 0;
  std::string out = std::string("<td") + (cell.best ? " class=\"best\"" : "") +
                    "><i class=\"fill\" style=\"width:" + fixed(100 * share, 1) +
                    "%\"></i><span class=\"value\">" + metric_text(cell.row->value) + "</span>";
  if (std::isfinite(half) && half > 0)
    out += " <span class=\"muted\">±" + fixed(half, 4) + "</span>";
  if (cell.best) out += "<span class=\"hidden\"> best</span>";
  return out + "</td>";
}

std::string table_html(const SummaryTable& table, const std::vector<int>& colour_of) {
  std::vector<double> largest(table.metrics.size(), 0);
  for (const auto& line : table.cells) {
    for (size_t m = 0; m < line.size(); ++m) {
      if (line[m].row != nullptr && std::isfinite(line[m].row->value))
        largest[m] = std::max(largest[m], line[m].row->value);
    }
  }
  std::string out =
      "<div class=\"scroll\"><table class=\"summary\"><thead><tr><th scope=\"col\">system</th>";
  for (const std::string& metric : table.metrics)
    out += "<th scope=\"col\">" + escape(metric) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (size_t s = 0; s < table.systems.size(); ++s) {
    out += "<tr><th scope=\"row\"><span class=\"dot b" + std::to_string(colour_of[s]) +
           "\"></span>" + escape(table.systems[s]) + "</th>";
    for (size_t m = 0; m < table.metrics.size(); ++m)
      out += cell_html(table.cells[s][m], largest[m]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string results_section(const std::vector<SummaryTable>& tables, const Colours& colours) {
  std::string out;
  for (const SummaryTable& table : tables) {
    const std::vector<int> colour_of = colours.of(table.systems);
    out += "<h3>" + escape(table.title()) + "</h3>\n" + table_html(table, colour_of) +
           metric_charts(table, colour_of);
  }
  return out +
         "<p class=\"muted\">± and whiskers: 95 % intervals. Bold: the best of its column.</p>\n";
}

std::string training_section(const ReportData& data) {
  std::string out;
  for (const TrainingLog& log : data.logs) out += loss_chart(log);
  for (const LearningCurve& curve : data.curves) out += learning_chart(curve);
  return out;
}

std::string codebook_section(const std::vector<CodebookSummary>& codebooks) {
  std::string out;
  for (const CodebookSummary& codebook : codebooks) {
    std::string sizes;
    for (const int32_t size : codebook.level_sizes)
      sizes += (sizes.empty() ? "" : " × ") + std::to_string(size);
    out += "<h3>" + escape(codebook.name) + " <span class=\"muted\">" + sizes + "</span></h3>\n";
    if (!codebook.numbers.empty()) {
      out += "<dl class=\"facts\">";
      for (const auto& [name, value] : codebook.numbers)
        out += "<div><dt>" + escape(name) + "</dt><dd>" + compact(value) + "</dd></div>";
      out += "</dl>\n";
    }
    out += usage_charts(codebook);
  }
  return out +
         "<p class=\"muted\">Every cell is a code: the stronger its colour, the more items share "
         "it.</p>\n";
}

std::string tally_section(const std::vector<TallySummary>& tallies) {
  std::string out;
  for (const TallySummary& tally : tallies) out += tally_html(tally);
  return out;
}

std::string head(const std::string& title,
                 const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
      escape(title) + " · rexp</title>\n<style>\n" + page_style() +
      "</style>\n</head>\n<body>\n<header class=\"top\"><p class=\"brand\">rexp</p><h1>" +
      escape(title) + "</h1>\n";
  if (!facts.empty()) {
    out += "<dl class=\"facts\">";
    for (const auto& [name, value] : facts)
      out += "<div><dt>" + escape(name) + "</dt><dd>" + escape(value) + "</dd></div>";
    out += "</dl>\n";
  }
  return out;
}

}  // namespace

std::string notes_section(const std::vector<std::string>& notes) {
  std::string out = "<ul class=\"notes\">\n";
  for (const std::string& note : notes) out += "<li>" + escape(note) + "</li>\n";
  return out + "</ul>\n";
}

std::string whole_page(const std::string& title,
                       const std::vector<std::pair<std::string, std::string>>& facts,
                       const std::string& tiles, const std::vector<Section>& sections) {
  std::string out = head(title, facts) + tiles + "<nav aria-label=\"sections\">";
  for (const Section& s : sections) out += "<a href=\"#" + s.id + "\">" + s.title + "</a>";
  out += "</nav></header>\n<main>\n";
  for (const Section& s : sections) {
    out += "<section id=\"" + s.id + "\">\n<h2>" + s.title + "</h2>\n" + s.body + "</section>\n";
  }
  return out + "</main>\n</body>\n</html>\n";
}

std::string html_page(const ReportData& data) {
  const std::vector<SummaryTable> tables = summary_tables(data.metrics);
  std::vector<Section> sections;
  if (!tables.empty())
    sections.push_back({"results", "Results", results_section(tables, Colours(data.metrics))});
  if (!data.tallies.empty())
    sections.push_back({"guesses", "Guesses", tally_section(data.tallies)});
  if (!data.recommendations.empty()) {
    sections.push_back({"recommendations", "Recommendations",
                        recommendation_section(data.recommendations, data.codebooks)});
  }
  if (std::string training = training_section(data); !training.empty())
    sections.push_back({"training", "Training", std::move(training)});
  if (!data.codebooks.empty())
    sections.push_back({"codes", "Semantic ids", codebook_section(data.codebooks)});
  if (!data.prompts.empty())
    sections.push_back({"prompts", "Examples", prompt_section(data.prompts, data.codebooks)});
  if (!data.notes.empty()) sections.push_back({"notes", "Notes", notes_section(data.notes)});

  return whole_page(data.experiment, data.facts, tiles(tables), sections);
}

}  // namespace rexp::report
