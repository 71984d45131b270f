#include "runtime/sweep/charts.h"

#include <algorithm>
#include <cmath>

#include "runtime/report/charts.h"
#include "runtime/report/svg.h"
#include "runtime/sweep/output.h"

namespace rexp::sweep {

namespace {

using report::escape;
using report::fixed;
using report::kColours;
using report::metric_text;
using report::Svg;

/// Distinct texts in the order of their first appearance.
class Names {
 public:
  size_t add(const std::string& name) {
    const size_t at = find(name);
    if (at == all_.size()) all_.push_back(name);
    return at;
  }
  size_t find(const std::string& name) const {
    return static_cast<size_t>(std::find(all_.begin(), all_.end(), name) - all_.begin());
  }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

/// What holds a range of values: linear, a tenth of it free at both ends.
struct Scale {
  double low = 0, high = 1, from = 0, to = 1;  // values; places
  void hold(double value) {
    if (!std::isfinite(value)) return;
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
  }
  void finish() {
    const double margin = high > low ? (high - low) / 10 : std::max(1e-3, std::abs(high) / 10);
    low = low >= 0 ? std::max(0.0, low - margin) : low - margin;
    high += margin;
  }
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
  bool empty = true;
};

std::string other_axes(const Sweep& sweep, size_t axis, size_t point) {
  const std::vector<std::string> names = short_names(sweep.axes);
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i != axis) out += (out.empty() ? "" : " ") + names[i] + "=" + sweep.points[point][i];
  }
  return out;
}

std::string key_of(size_t colour, const std::string& text) {
  return "<li><span class=\"dot b" + std::to_string(colour % kColours) + "\"></span>" +
         escape(text) + "</li>";
}

std::string dot(double x, double y, double radius) {
  const std::string r = fixed(radius, 1);
  return "M" + fixed(x - radius, 1) + " " + fixed(y, 1) + "a" + r + " " + r + " 0 1 0 " +
         fixed(2 * radius, 1) + " 0a" + r + " " + r + " 0 1 0 " + fixed(-2 * radius, 1) + " 0z";
}

void draw_values(const Scale& y, double left, double right, Svg* svg) {
  for (int i = 0; i <= 3; ++i) {
    const double value = y.low + (y.high - y.low) * i / 3;
    svg->line(left, y(value), right, y(value), "class=\"grid\"");
    svg->text(left - 6, y(value) + 4, metric_text(value), "end", "label muted");
  }
}

std::string axis_panel(const Sweep& sweep, const Grid& grid, size_t axis, size_t metric) {
  constexpr double kWidth = 480, kHeight = 240, kLeft = 56, kRight = 14, kTop = 10, kBottom = 30;
  Names values, others;
  Scale y{.from = kHeight - kBottom, .to = kTop};
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    values.add(sweep.points[p][axis]);
    others.add(other_axes(sweep, axis, p));
    if (const Row* row = grid.cells[p][metric])
      y.hold(row->value), y.hold(row->low), y.hold(row->high);
  }
  if (y.empty) return "";
  y.finish();
  const std::string name = short_names(sweep.axes)[axis];
  Svg svg(kWidth, kHeight, grid.metrics[metric] + " by " + name + ", with 95 % intervals");
  draw_values(y, kLeft, kWidth - kRight, &svg);
  const double step = (kWidth - kLeft - kRight) / static_cast<double>(values.all().size());
  for (size_t v = 0; v < values.all().size(); ++v) {
    svg.text(kLeft + step * (static_cast<double>(v) + 0.5), kHeight - 10,
             report::shortened(values.all()[v], 18), "middle");
  }
  const double apart = std::min(14.0, step * 0.7 / static_cast<double>(others.all().size()));
  std::vector<std::string> lines(others.all().size());
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    const Row* row = grid.cells[p][metric];
    if (row == nullptr || !std::isfinite(row->value)) continue;
    const size_t other = others.find(other_axes(sweep, axis, p));
    const double shift =
        apart * (static_cast<double>(other) - static_cast<double>(others.all().size() - 1) / 2);
    const double x =
        kLeft + step * (static_cast<double>(values.find(sweep.points[p][axis])) + 0.5) + shift;
    lines[other] +=
        (lines[other].empty() ? "M" : "L") + fixed(x, 1) + " " + fixed(y(row->value), 1);
    svg.line(x, y(row->low), x, y(row->high), "class=\"whisker\"");
    svg.path(dot(x, y(row->value), 4), "class=\"f" + std::to_string(other % kColours) + "\"",
             point_text(sweep, row->point) + ": " + metric_text(row->value) + " (" +
                 metric_text(row->low) + " to " + metric_text(row->high) + ")");
  }
  for (size_t other = 0; other < lines.size(); ++other) {
    if (!lines[other].empty())
      svg.path(lines[other], "class=\"curve s" + std::to_string(other % kColours) + "\"");
  }
  std::string legend;
  for (size_t other = 0; others.all().size() > 1 && other < others.all().size(); ++other)
    legend += key_of(other, others.all()[other]);
  return "<figure class=\"panel\"><figcaption>" + escape(grid.metrics[metric]) + " by " +
         escape(name) + "</figcaption>" + svg.take() +
         (legend.empty() ? "" : "<ul class=\"legend\">" + legend + "</ul>") + "</figure>\n";
}

/// A metric of an evaluation, where its points differ.
struct Changing {
  const Grid* grid;
  size_t metric;
  std::string name;
  const Row* at(size_t point) const { return grid->cells[point][metric]; }
};

std::vector<Changing> changing(const std::vector<Grid>& grids) {
  std::vector<Changing> out;
  for (const Grid& grid : grids) {
    for (size_t m = 0; m < grid.metrics.size(); ++m) {
      const Row* first = grid.cells.front()[m];
      if (first == nullptr || !(first->value > 0)) continue;
      const bool changes = std::any_of(grid.cells.begin(), grid.cells.end(), [&](const auto& line) {
        return line[m] != nullptr && line[m]->value != first->value;
      });
      if (!changes) continue;
      out.push_back({&grid, m,
                     grid.metrics[m] + " " + grid.seen + " · " + grid.output +
                         (grid.place > 0 ? "[" + std::to_string(grid.place) + "]" : "")});
    }
  }
  return out;
}

}  // namespace

std::string axis_charts(const Sweep& sweep, const Grid& grid) {
  std::string out;
  for (size_t axis = 0; axis < sweep.axes.size(); ++axis) {
    for (size_t metric = 0; metric < grid.metrics.size(); ++metric)
      out += axis_panel(sweep, grid, axis, metric);
  }
  return out.empty() ? out : "<div class=\"panels\">\n" + out + "</div>\n";
}

std::string see_saw(const Sweep& sweep, const std::vector<Grid>& grids) {
  constexpr double kWidth = 984, kHeight = 360, kLeft = 64, kRight = 40, kTop = 14, kBottom = 54;
  constexpr size_t kMost = 10;
  std::vector<Changing> metrics = changing(grids);
  if (metrics.size() < 2) return "";
  metrics.resize(std::min(metrics.size(), kMost));
  Scale y{.from = kHeight - kBottom, .to = kTop};
  const auto relative = [&](size_t point, const Changing& m) {
    const Row* row = m.at(point);
    return row == nullptr ? std::nan("") : 100 * (row->value / m.at(0)->value - 1);
  };
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    for (const Changing& m : metrics) y.hold(relative(p, m));
  }
  y.finish();
  Svg svg(kWidth, kHeight, "every metric relative to the first point, a line per point");
  for (int i = 0; i <= 4; ++i) {
    const double value = y.low + (y.high - y.low) * i / 4;
    svg.line(kLeft, y(value), kWidth - kRight, y(value), "class=\"grid\"");
    svg.text(kLeft - 8, y(value) + 4, (value < 0 ? "" : "+") + fixed(value, 0) + " %", "end",
             "label muted");
  }
  const double step = (kWidth - kLeft - kRight) / static_cast<double>(metrics.size() - 1);
  for (size_t m = 0; m < metrics.size(); ++m) {
    const double x = kLeft + step * static_cast<double>(m);
    svg.line(x, kTop, x, kHeight - kBottom, "class=\"grid\"");
    const char* anchor = m == 0 ? "start" : m + 1 == metrics.size() ? "end" : "middle";
    svg.text(x, kHeight - (m % 2 == 0 ? 30.0 : 12.0), metrics[m].name, anchor);
  }
  std::string legend;
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    std::string line;
    for (size_t m = 0; m < metrics.size(); ++m) {
      const double value = relative(p, metrics[m]);
      if (!std::isfinite(value)) continue;
      const double x = kLeft + step * static_cast<double>(m);
      line += (line.empty() ? "M" : "L") + fixed(x, 1) + " " + fixed(y(value), 1);
    }
    const std::string text =
        "#" + std::to_string(p + 1) + " " + point_text(sweep, static_cast<int64_t>(p));
    if (!line.empty())
      svg.path(line, "class=\"curve s" + std::to_string(p % kColours) + "\"", text);
    legend += key_of(p, text);
  }
  return "<figure class=\"wide\">" + svg.take() + "<ul class=\"legend\">" + legend +
         "</ul></figure>\n";
}

std::string pareto(const Sweep& sweep, const std::vector<Grid>& grids) {
  constexpr double kWidth = 480, kHeight = 360, kLeft = 64, kRight = 16, kTop = 12, kBottom = 44;
  const std::vector<Changing> metrics = changing(grids);
  if (metrics.empty()) return "";
  const Changing& one = metrics.front();
  const auto other = std::find_if(metrics.begin(), metrics.end(), [&](const Changing& m) {
    return m.grid->output != one.grid->output || m.grid->place != one.grid->place;
  });
  if (other == metrics.end()) return "";
  Scale x{.from = kLeft, .to = kWidth - kRight}, y{.from = kHeight - kBottom, .to = kTop};
  std::vector<size_t> points;
  for (size_t p = 0; p < sweep.points.size(); ++p) {
    if (one.at(p) == nullptr || other->at(p) == nullptr) continue;
    points.push_back(p);
    x.hold(one.at(p)->value), y.hold(other->at(p)->value);
  }
  x.finish(), y.finish();
  Svg svg(kWidth, kHeight, one.name + " against " + other->name);
  draw_values(y, kLeft, kWidth - kRight, &svg);
  svg.text((kLeft + kWidth - kRight) / 2, kHeight - 6, one.name, "middle");
  for (int i = 0; i <= 3; ++i) {
    const double value = x.low + (x.high - x.low) * i / 3;
    svg.text(x(value), kHeight - 26, metric_text(value), "middle", "label muted");
  }
  std::string legend;
  for (const size_t p : points) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](size_t q) {
      const double dx = one.at(q)->value - one.at(p)->value,
                   dy = other->at(q)->value - other->at(p)->value;
      return dx >= 0 && dy >= 0 && dx + dy > 0;
    });
    const double at_x = x(one.at(p)->value), at_y = y(other->at(p)->value);
    const std::string text = point_text(sweep, static_cast<int64_t>(p));
    svg.path(dot(at_x, at_y, beaten ? 4 : 7), "class=\"f" + std::to_string(p % kColours) + "\"",
             text);
    svg.text(at_x + 9, at_y - 6, "#" + std::to_string(p + 1), "start",
             beaten ? "label muted" : "label strong");
    legend += key_of(p, "#" + std::to_string(p + 1) + " " + text);
  }
  return "<figure class=\"panel\"><figcaption>" + escape(other->name) + " against " +
         escape(one.name) + "</figcaption>" + svg.take() + "<ul class=\"legend\">" + legend +
         "</ul></figure>\n";
}

}  // namespace rexp::sweep
