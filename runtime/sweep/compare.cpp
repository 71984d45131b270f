#include "runtime/sweep/compare.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "runtime/base/random.h"
#include "runtime/eval/evaluate.h"
#include "runtime/report/artifacts.h"
#include "runtime/store/file.h"
#include "runtime/store/store.h"

namespace rexp::sweep {

namespace {

/// One evaluation of one trial, read.
struct Measured {
  const Trial* trial = nullptr;
  const Evaluation* evaluation = nullptr;
  std::vector<eval::PerUser> per_user;
  std::vector<report::MetricRow> rows;
};

Error unreadable(const Trial& trial, const Error& why) {
  return user_error(why.message, "run the point again, which makes it anew: `--only " +
                                     std::to_string(trial.number) + "`");
}

Result<Measured> read(const Trial& trial, const Evaluation& evaluation, const std::string& store) {
  const std::string folder = store::artifact_folder(store, evaluation.key);
  Measured out{&trial, &evaluation, {}, {}};
  auto values = eval::load_per_user(folder + "/per_user.bin");
  if (!values) return unreadable(trial, values.error());
  out.per_user = std::move(*values);
  const auto text = store::read_file(folder + "/metrics.json");
  if (!text) return unreadable(trial, text.error());
  auto metrics = report::evaluated({}, *text);
  if (!metrics) return unreadable(trial, metrics.error());
  out.rows = std::move(metrics->rows);
  return out;
}

/// Values of one metric of one point: [users, seeds].
struct Values {
  std::vector<double> values;
  std::vector<uint64_t> seeds;
  int64_t users = 0;
  std::string questions;
};

/// Of the trials of a point that were asked what its first was asked. Nothing where the metric was not measured.
std::optional<Values> values_of(const std::vector<const Measured*>& trials, const std::string& seen,
                                const std::string& metric) {
  std::vector<std::vector<double>> columns;
  Values out;
  for (const Measured* trial : trials) {
    for (const eval::PerUser& values : trial->per_user) {
      if (eval::to_string(values.seen) != seen) continue;
      std::vector<double> column = values.column(metric);
      const std::string& questions = trial->evaluation->questions;
      if (column.empty() || (!columns.empty() && questions != out.questions)) continue;
      out.questions = questions;
      out.seeds.push_back(trial->trial->seed);
      out.users = static_cast<int64_t>(column.size());
      columns.push_back(std::move(column));
    }
  }
  if (columns.empty()) return std::nullopt;
  for (int64_t user = 0; user < out.users; ++user) {
    for (const auto& column : columns) out.values.push_back(column[static_cast<size_t>(user)]);
  }
  return out;
}

/// The columns of these seeds.
std::vector<double> columns_of(const Values& all, const std::vector<size_t>& which) {
  std::vector<double> out;
  for (size_t user = 0; user < static_cast<size_t>(all.users); ++user) {
    for (const size_t seed : which) out.push_back(all.values[user * all.seeds.size() + seed]);
  }
  return out;
}

/// Trainings of equal seed are compared: they share what does not depend on the axes. Where the seed itself is the axis, the first with
/// the first. Nothing where the two were not asked the same.
std::optional<eval::Difference> difference(const Values& a, const Values& b,
                                           const eval::BootstrapOptions& options) {
  if (a.questions != b.questions || a.users != b.users) return std::nullopt;
  std::vector<size_t> of_a, of_b;
  for (size_t i = 0; i < a.seeds.size(); ++i) {
    const auto at = std::find(b.seeds.begin(), b.seeds.end(), a.seeds[i]);
    if (at == b.seeds.end()) continue;
    of_a.push_back(i);
    of_b.push_back(static_cast<size_t>(at - b.seeds.begin()));
  }
  if (of_a.empty()) {
    of_a.resize(std::min(a.seeds.size(), b.seeds.size()));
    std::iota(of_a.begin(), of_a.end(), size_t{0});
    of_b = of_a;
  }
  return eval::seeds_difference(columns_of(a, of_a), columns_of(b, of_b), a.users,
                                static_cast<int64_t>(of_a.size()), options);
}

const report::MetricRow* row_of(const Measured& trial, const std::string& seen,
                                const std::string& metric) {
  for (const report::MetricRow& row : trial.rows) {
    if (row.seen == seen && row.metric == metric) return &row;
  }
  return nullptr;
}

/// A mean over seeds. One training keeps the interval of its own table, and so do values that are all equal, of which a bootstrap says
/// nothing.
eval::Interval interval_of(const Values& values, const report::MetricRow& own,
                           const eval::BootstrapOptions& options) {
  const bool equal =
      std::equal(values.values.begin() + 1, values.values.end(), values.values.begin());
  if (values.seeds.size() == 1 || equal) return {own.value, own.low, own.high};
  return eval::seeds_bootstrap(values.values, values.users,
                               static_cast<int64_t>(values.seeds.size()), options);
}

class Comparison {
 public:
  Comparison(const Sweep& sweep, std::vector<Measured> measured)
      : sweep_(sweep), measured_(std::move(measured)) {
    options_.stream = stream(0, "sweep");
  }

  std::vector<Row> run() {
    std::set<std::pair<std::string, int64_t>> done;
    for (const Measured& one : measured_) {
      if (!done.insert({one.evaluation->output, one.evaluation->place}).second) continue;
      for (const report::MetricRow& row : one.rows) add(*one.evaluation, row.seen, row.metric);
    }
    return std::move(rows_);
  }

 private:
  std::vector<const Measured*> trials_of(const Evaluation& which, int64_t point) const {
    std::vector<const Measured*> out;
    for (const Measured& one : measured_) {
      if (one.trial->point == point && one.evaluation->output == which.output &&
          one.evaluation->place == which.place)
        out.push_back(&one);
    }
    return out;
  }

  /// One metric of one evaluation at all points.
  void add(const Evaluation& which, const std::string& seen, const std::string& metric) {
    std::optional<Values> first;
    std::vector<double> p_values;
    std::vector<size_t> compared;
    for (int64_t point = 0; point < static_cast<int64_t>(sweep_.points.size()); ++point) {
      const auto trials = trials_of(which, point);
      auto values = values_of(trials, seen, metric);
      if (!values) continue;
      const report::MetricRow* own = row_of(*trials.front(), seen, metric);
      if (own == nullptr) continue;
      const eval::Interval interval = interval_of(*values, *own, options_);
      const Evaluation& evaluation = *trials.front()->evaluation;
      Row row{point,
              which.output,
              which.place,
              evaluation.system,
              evaluation.protocol,
              evaluation.split,
              seen,
              metric,
              interval.mean,
              interval.low,
              interval.high,
              values->users,
              static_cast<int64_t>(values->seeds.size()),
              std::nullopt};
      if (point > 0 && first) {
        if (const auto apart = difference(*values, *first, options_)) {
          row.against_first = Against{apart->interval.mean, apart->interval.low,
                                      apart->interval.high, apart->p_value};
          p_values.push_back(apart->p_value);
          compared.push_back(rows_.size());
        }
      }
      if (point == 0) first = std::move(values);
      rows_.push_back(std::move(row));
    }
    const std::vector<double> adjusted = eval::holm(p_values);
    for (size_t i = 0; i < compared.size(); ++i) rows_[compared[i]].against_first->p = adjusted[i];
  }

  const Sweep& sweep_;
  std::vector<Measured> measured_;
  eval::BootstrapOptions options_;
  std::vector<Row> rows_;
};

}  // namespace

Result<std::vector<Row>> compare(const Sweep& sweep, const std::string& store) {
  std::vector<Measured> measured;
  for (const Trial& trial : sweep.trials) {
    for (const Evaluation& evaluation : trial.evaluations) {
      auto one = read(trial, evaluation, store);
      if (!one) return one.error();
      measured.push_back(std::move(*one));
    }
  }
  return Comparison(sweep, std::move(measured)).run();
}

std::vector<std::string> short_names(const std::vector<std::string>& axes) {
  std::vector<std::string> out;
  for (const std::string& axis : axes) {
    size_t begin = axis.rfind('.') + 1;
    const auto is_alone = [&] {
      const std::string end = "." + axis.substr(begin);
      return std::count_if(axes.begin(), axes.end(), [&](const std::string& other) {
               return ("." + other).ends_with(end);
             }) == 1;
    };
    while (begin > 0 && !is_alone()) begin = begin < 2 ? 0 : axis.rfind('.', begin - 2) + 1;
    out.push_back(axis.substr(begin));
  }
  return out;
}

}  // namespace rexp::sweep
