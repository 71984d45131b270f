#include <cmath>

#include "runtime/report/format.h"
#include "runtime/report/page_parts.h"
#include "runtime/sweep/charts.h"
#include "runtime/sweep/output.h"

namespace rexp::sweep {

namespace {

using report::escape;
using report::fixed;
using report::metric_text;

std::string value_html(const Row* row) {
  if (row == nullptr || !std::isfinite(row->value)) return "<td class=\"muted\">–</td><td></td>";
  std::string out = "<td><span class=\"value\">" + metric_text(row->value) +
                    "</span> <span class=\"muted\">±" + fixed((row->high - row->low) / 2, 4) +
                    "</span></td>";
  if (!row->against_first) return out + "<td></td>";
  const Against& apart = *row->against_first;
  const std::string text = (apart.value < 0 ? "" : "+") + fixed(apart.value, 4) + " [" +
                           fixed(apart.low, 4) + ", " + fixed(apart.high, 4) + "]";
  return out + "<td>" +
         (apart.resolved() ? "<span class=\"chip good\">" + text + " resolved</span>"
                           : "<span class=\"muted\">" + text + "</span>") +
         "</td>";
}

std::string grid_html(const Sweep& sweep, const Grid& grid) {
  std::string out = "<h3>" + escape(grid.title()) +
                    "</h3>\n<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>#</th>";
  for (const std::string& name : short_names(sweep.axes)) out += "<th>" + escape(name) + "</th>";
  for (const std::string& metric : grid.metrics)
    out += "<th>" + escape(metric) + "</th><th>to #1</th>";
  out += "</tr></thead><tbody>\n";
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    out += "<tr><th scope=\"row\">" + std::to_string(p + 1) + "</th>";
    for (const std::string& value : sweep.points[p]) out += "<td>" + escape(value) + "</td>";
    for (const Row* row : grid.cells[p]) out += value_html(row);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string cross_html(const CrossTable& table) {
  std::string out = "<h3>" + escape(table.title) +
                    "</h3>\n<div class=\"scroll\"><table class=\"summary\"><thead><tr><th>" +
                    escape(table.corner) + "</th>";
  for (const std::string& column : table.columns) out += "<th>" + escape(column) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (size_t i = 0; i < table.rows.size(); ++i) {
    out += "<tr><th scope=\"row\">" + escape(table.rows[i]) + "</th>";
    for (const Row* row : table.cells[i]) {
      out += row == nullptr ? "<td class=\"muted\">–</td>"
                            : "<td><span class=\"value\">" + metric_text(row->value) +
                                  "</span> <span class=\"muted\">±" +
                                  fixed((row->high - row->low) / 2, 4) + "</span></td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string runs_html(const Sweep& sweep, const std::vector<std::string>& pages) {
  std::string out = "<ul class=\"notes\">\n";
  for (size_t i = 0; i < sweep.trials.size(); ++i) {
    const Trial& trial = sweep.trials[i];
    out += "<li><a href=\"" + escape(pages[i]) + "\">#" + std::to_string(trial.point + 1) + " " +
           escape(point_text(sweep, trial.point)) + ", seed " + std::to_string(trial.seed) +
           "</a></li>\n";
  }
  return out + "</ul>\n";
}

}  // namespace

std::string html_page(const Sweep& sweep, const std::vector<Row>& rows,
                      const std::vector<std::string>& pages,
                      const std::vector<std::string>& notes) {
  const std::vector<Grid> all = grids(sweep, rows);
  std::vector<report::Section> sections;
  std::string tables, charts;
  for (const Grid& grid : all) {
    tables += grid_html(sweep, grid);
    if (grid.output != all.front().output || grid.place != all.front().place) continue;
    charts += "<h3>" + escape(grid.title()) + "</h3>\n" + axis_charts(sweep, grid);
  }
  std::string crossed;
  for (const CrossTable& table : cross_tables(sweep, rows)) crossed += cross_html(table);
  if (!crossed.empty()) sections.push_back({"table", "Table", std::move(crossed)});
  if (!tables.empty()) {
    sections.push_back({"results", "Results",
                        tables + "<p class=\"muted\">±: half of the 95 % interval. to #1: paired "
                                 "difference to the first point, by user and by seed; resolved: p "
                                 "&lt; .05, adjusted for the number of points (Holm).</p>\n"});
    sections.push_back({"axes", "Axes", charts});
  }
  if (std::string chart = see_saw(sweep, all); !chart.empty())
    sections.push_back({"seesaw", "See-saw", std::move(chart)});
  if (std::string chart = pareto(sweep, all); !chart.empty())
    sections.push_back({"pareto", "Pareto front", std::move(chart)});
  sections.push_back({"runs", "Runs", runs_html(sweep, pages)});
  if (!notes.empty()) sections.push_back({"notes", "Notes", report::notes_section(notes)});
  return report::whole_page(sweep.name,
                            {{"experiment", sweep.experiment},
                             {"points", std::to_string(sweep.points.size())},
                             {"runs", std::to_string(sweep.trials.size())}},
                            "", sections);
}

}  // namespace rexp::sweep
