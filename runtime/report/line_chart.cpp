#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/report/charts.h"
#include "runtime/report/svg.h"

namespace rexp::report {
namespace {

constexpr double kWidth = 984, kHeight = 340, kLeft = 52, kRight = 16, kTop = 12, kBottom = 40;
constexpr int kBuckets = 240;  // points of a curve at most

struct Curve {
  std::string name, classes;
  std::vector<std::pair<double, double>> points;  // step, loss
  double last = 0;
};

/// Means of the finite points that fall into equal stretches of the logarithmic axis.
Curve curve(std::string name, std::string classes, const TrainingLog& log, int level) {
  Curve out{std::move(name), std::move(classes), {}, std::numeric_limits<double>::quiet_NaN()};
  const double end = std::log(static_cast<double>(std::max<int64_t>(2, log.points.back().step)));
  int bucket = -1, count = 0;
  double steps = 0, losses = 0;
  const auto flush = [&] {
    if (count > 0) out.points.emplace_back(steps / count, losses / count);
    count = 0, steps = 0, losses = 0;
  };
  for (const LogPoint& point : log.points) {
    const bool has_level = level < static_cast<int>(point.level_loss.size());
    const double loss = level < 0   ? point.loss
                        : has_level ? point.level_loss[level]
                                    : std::numeric_limits<double>::quiet_NaN();
    if (!std::isfinite(loss) || point.step < 1) continue;
    const double step = static_cast<double>(point.step);
    const int b = static_cast<int>(std::log(step) / end * kBuckets);
    if (b != bucket) flush();
    bucket = b;
    steps += step, losses += loss, ++count;
    out.last = loss;
  }
  flush();
  return out;
}

std::vector<Curve> curves_of(const TrainingLog& log) {
  std::vector<Curve> curves{curve("all", "curve main", log, -1)};
  size_t levels = 0;
  for (const LogPoint& point : log.points) levels = std::max(levels, point.level_loss.size());
  for (size_t level = 0; level < levels; ++level) {
    Curve c = curve(level == 0 ? "text" : "level " + std::to_string(level),
                    "curve s" + std::to_string(level % kColours) + (level == 0 ? " dashed" : ""),
                    log, static_cast<int>(level));
    if (!c.points.empty()) curves.push_back(std::move(c));
  }
  return curves;
}

struct Axes {
  double top;
  int64_t last;  // step
  std::string axis, unit;
};

/// About five round values that cover [0, high].
double tick_size(double high) {
  const double raw = high / 5, power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

void draw_axes(const Axes& axes, Svg* svg) {
  const double top_value = axes.top;
  const int64_t last_step = axes.last;
  const double plot_w = kWidth - kLeft - kRight, plot_h = kHeight - kTop - kBottom,
               tick = tick_size(top_value);
  for (double v = 0; v <= top_value * 1.0001; v += tick) {
    const double y = kTop + plot_h * (1 - v / top_value);
    svg->line(kLeft, y, kWidth - kRight, y, v == 0 ? "class=\"axis\"" : "class=\"grid\"");
    svg->text(kLeft - 8, y + 4, compact(v), "end", "label muted");
  }
  const double end = std::log(static_cast<double>(std::max<int64_t>(2, last_step)));
  for (int64_t decade = 1; decade <= last_step; decade *= 10) {
    for (const int64_t factor : {1, 2, 5}) {
      const int64_t step = decade * factor;
      if (step > last_step) break;
      const double x = kLeft + plot_w * std::log(static_cast<double>(step)) / end;
      svg->line(x, kTop + plot_h, x, kTop + plot_h + 4, "class=\"axis\"");
      if (factor == 1 || last_step < 1000)
        svg->text(x, kTop + plot_h + 18, compact(static_cast<double>(step)), "middle",
                  "label muted");
    }
  }
  svg->text(kWidth - kRight, kHeight - 4, axes.axis + " (logarithmic)", "end", "label muted");
  svg->text(kLeft, kHeight - 4, axes.unit, "start", "label muted");
}

std::string legend(const std::vector<Curve>& curves) {
  std::string out = "<ul class=\"legend\">";
  for (const Curve& c : curves) {
    out +=
        "<li><svg class=\"key\" viewBox=\"0 0 22 8\" aria-hidden=\"true\"><path d=\"M0 4H22\" "
        "class=\"" +
        c.classes + "\"/></svg>" + escape(c.name) + " <b>" + fixed(c.last, 3) + "</b></li>";
  }
  return out + "</ul>";
}

std::string draw(const std::vector<Curve>& curves, int64_t last, const std::string& axis,
                 const std::string& unit, const std::string& description) {
  double high = 0;
  for (const Curve& c : curves) {
    for (const auto& [step, value] : c.points) high = std::max(high, value);
  }
  if (high <= 0) high = 1;
  const double tick = tick_size(high);
  const Axes axes{std::ceil(high / tick - 1e-9) * tick, std::max<int64_t>(1, last), axis, unit};
  const double plot_w = kWidth - kLeft - kRight, plot_h = kHeight - kTop - kBottom;
  const double end = std::log(static_cast<double>(std::max<int64_t>(2, last)));
  Svg svg(kWidth, kHeight, description);
  draw_axes(axes, &svg);
  for (auto c = curves.rbegin(); c != curves.rend(); ++c) {  // the first curve lies on top
    std::string commands;
    for (const auto& [step, value] : c->points) {
      commands += (commands.empty() ? "M" : "L") + fixed(kLeft + plot_w * std::log(step) / end, 1) +
                  " " + fixed(kTop + plot_h * (1 - std::max(0.0, value) / axes.top), 1);
    }
    if (c->points.size() == 1) commands += "h2";  // a single point is seen as a dash
    if (!commands.empty()) svg.path(commands, "class=\"" + c->classes + "\"", c->name);
  }
  return svg.take() + legend(curves);
}

std::string facts(const TrainingLog& log) {
  double best = std::numeric_limits<double>::infinity(), peak_lr = 0;
  for (const LogPoint& point : log.points) {
    if (point.loss < best) best = point.loss;
    peak_lr = std::max(peak_lr, point.lr);
  }
  std::string out = "<p class=\"muted\">" + std::to_string(log.points.back().step) +
                    " steps · lowest loss " + fixed(best, 3);
  if (peak_lr > 0) out += " · peak lr " + compact(peak_lr);
  return out + "</p>";
}

/// The last loss of every task, where there are several.
std::string task_facts(const TrainingLog& log) {
  const std::vector<double>& losses = log.points.back().task_loss;
  if (log.tasks.size() < 2) return {};
  std::string out;
  for (size_t task = 0; task < std::min(log.tasks.size(), losses.size()); ++task) {
    if (!std::isfinite(losses[task])) continue;
    out += (out.empty() ? "last loss by task: " : " · ") + escape(log.tasks[task]) + " " +
           fixed(losses[task], 3);
  }
  return out.empty() ? out : "<p class=\"muted\">" + out + "</p>";
}

}  // namespace

std::string loss_chart(const TrainingLog& log) {
  if (log.points.empty()) return {};
  return "<figure class=\"wide\"><figcaption>" + escape(log.stage) + "</figcaption>" + facts(log) +
         draw(curves_of(log), log.points.back().step, "step", log.unit,
              "training loss of " + log.stage + " over steps") +
         task_facts(log) + "</figure>\n";
}

std::string learning_chart(const LearningCurve& curve) {
  std::vector<Curve> curves;
  double last = 0;
  for (const LearningCurve::Series& series : curve.series) {
    const size_t colour = curves.size() % kColours;
    Curve drawn{
        series.name, colour == 0 ? "curve main" : "curve s" + std::to_string(colour), {}, 0};
    for (const auto& [x, value] : series.points) {
      if (!std::isfinite(value) || x < 1) continue;
      drawn.points.emplace_back(x, value);
      drawn.last = value;
      last = std::max(last, x);
    }
    if (!drawn.points.empty()) curves.push_back(std::move(drawn));
  }
  if (curves.empty()) return {};
  return "<figure class=\"wide\"><figcaption>" + escape(curve.title) + "</figcaption>" +
         draw(curves, static_cast<int64_t>(last), curve.axis, curve.unit,
              curve.unit + " of " + curve.title + " by " + curve.axis) +
         "</figure>\n";
}

}  // namespace rexp::report
