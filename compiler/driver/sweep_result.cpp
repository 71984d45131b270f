#include "compiler/driver/sweep_result.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "runtime/store/digest.h"
#include "runtime/store/file.h"
#include "runtime/store/store.h"
#include "runtime/sweep/output.h"

namespace rexp::driver {

namespace {

/// What an experiment evaluates, as its report node knows it.
std::vector<sweep::Evaluation> evaluations_of(const plan::Plan& plan) {
  const plan::Node& report = plan.nodes[static_cast<size_t>(plan.report)];
  std::map<int64_t, nlohmann::json> labels;
  for (const auto& label : report.args.at("labels")) labels[label.at("input")] = label;
  std::vector<sweep::Evaluation> out;
  for (const auto& output : report.args.at("outputs")) {
    int64_t place = 0;
    for (const auto& input : output.at("inputs")) {
      const auto at = static_cast<size_t>(input.get<int64_t>());
      const plan::Node& node = plan.nodes[static_cast<size_t>(report.inputs[at])];
      if (node.kind != "evaluate") continue;
      const nlohmann::json& label = labels[input];
      std::string questions;
      for (const plan::NodeId id : node.inputs) {
        const plan::Node& read = plan.nodes[static_cast<size_t>(id)];
        if (read.kind == "rows") questions = read.key;
      }
      out.push_back({output.at("name"), place++, label.at("system"), label.at("protocol"),
                     label.at("split"), node.key, questions});
    }
  }
  return out;
}

sweep::Sweep described(const plan::SweepPlan& plan, const std::string& experiment,
                       const std::vector<size_t>& finished) {
  sweep::Sweep out{plan.name, experiment, plan.axes, {}, {}};
  if (const auto& table = plan.table)
    out.cross = sweep::Cross{table->rows, table->columns, table->output, table->place};
  for (const plan::SweepRun& run : plan.runs) {
    if (static_cast<int64_t>(out.points.size()) == run.point) out.points.push_back(run.values);
  }
  for (const size_t i : finished) {
    const plan::SweepRun& run = plan.runs[i];
    out.trials.push_back({run.point, run.seed,
                          run.plan.nodes[static_cast<size_t>(run.plan.report)].key,
                          evaluations_of(run.plan), run.number});
  }
  return out;
}

/// A folder for this sweep: other points, other data and other programs have another.
std::string folder_of(const std::string& store, const plan::SweepPlan& plan) {
  std::string keys;
  for (const plan::SweepRun& run : plan.runs)
    keys += run.plan.nodes[static_cast<size_t>(run.plan.report)].key;
  return store + "/sweeps/" + plan.name + "-" + store::digest(keys).substr(0, 8);
}

Status write(const std::string& folder, const sweep::Sweep& sweep,
             const std::vector<sweep::Row>& rows, const std::vector<std::string>& notes) {
  std::vector<std::string> pages;
  for (const sweep::Trial& trial : sweep.trials)
    pages.push_back("../../artifacts/" + trial.report + "/report.html");
  REXP_TRY(store::make_folder(folder));
  REXP_TRY(
      store::replace_file(folder + "/report.html", sweep::html_page(sweep, rows, pages, notes)));
  REXP_TRY(
      store::replace_file(folder + "/rows.json", sweep::rows_json(sweep, rows).dump(1) + "\n"));
  REXP_TRY(store::replace_file(folder + "/rows.csv", sweep::rows_csv(sweep, rows)));
  return store::replace_file(folder + "/table.txt", sweep::terminal_table(sweep, rows, false));
}

/// The point that is best by a metric under a protocol, of the first system that was measured so.
std::string best_note(const eval::SweepBest& best, const sweep::Sweep& sweep,
                      const std::vector<sweep::Row>& rows) {
  const sweep::Row* first = nullptr;
  const sweep::Row* most = nullptr;
  for (const sweep::Row& row : rows) {
    if (row.metric != best.metric || row.protocol != best.protocol) continue;
    if (first == nullptr) first = &row;
    if (row.output != first->output || row.place != first->place || row.seen != first->seen)
      continue;
    if (most == nullptr || row.value > most->value) most = &row;
  }
  if (most == nullptr)
    return "`best`: no output is evaluated under `" + best.protocol + "` by `" + best.metric +
           "`, so nothing is chosen";
  const bool alone = !most->against_first || most->against_first->resolved();
  return "best by " + best.metric + " under " + best.protocol + " (" + most->split + "): point " +
         std::to_string(most->point + 1) + ", " + sweep::point_text(sweep, most->point) +
         (alone ? "" : "; not resolved from the first point");
}

bool has_output(const std::vector<sweep::Row>& rows, const eval::SweepTable& table) {
  return std::any_of(rows.begin(), rows.end(), [&](const sweep::Row& row) {
    return row.output == table.output && row.place == table.place;
  });
}

}  // namespace

int show_sweep(const ExecutionArguments& arguments, const plan::SweepPlan& plan,
               const std::string& experiment, const std::vector<size_t>& finished,
               const std::vector<Failure>& failures, int code) {
  const std::string store = store_folder(arguments.store);
  const sweep::Sweep sweep = described(plan, experiment, finished);
  const auto rows = sweep::compare(sweep, store);
  if (!rows) return report(rows.error(), arguments.json);
  std::vector<std::string> notes;
  nlohmann::ordered_json failed = nlohmann::ordered_json::array();
  for (const Failure& failure : failures) {
    const int64_t number = plan.runs[failure.run].number;
    notes.push_back("run " + std::to_string(number) + " failed: " + failure.why);
    failed.push_back({{"run", number}, {"message", failure.why}});
  }
  if (plan.best) notes.push_back(best_note(*plan.best, sweep, *rows));
  if (plan.table && !has_output(*rows, *plan.table))
    notes.push_back("`show`: nothing is evaluated as `" + plan.table->output + "[" +
                    std::to_string(plan.table->place) + "]`");
  const std::string folder = folder_of(store, plan);
  if (const Status written = write(folder, sweep, *rows, notes); !written.ok())
    return report(written.error(), arguments.json);
  if (arguments.json) {
    const nlohmann::ordered_json out = {{"ok", code == kOk},
                                        {"sweep", sweep.name},
                                        {"experiment", experiment},
                                        {"points", sweep.points.size()},
                                        {"runs", plan.runs.size()},
                                        {"failed", std::move(failed)},
                                        {"rows", sweep::rows_json(sweep, *rows)},
                                        {"notes", notes},
                                        {"report", folder + "/report.html"}};
    std::printf("%s\n", out.dump().c_str());
    return code;
  }
  const bool colour = isatty(STDOUT_FILENO) != 0 && driver::colour();
  std::string told;
  for (const std::string& note : notes) told += "note: " + note + "\n";
  std::printf("%s\n%s%zu of %zu runs are finished\nreport: %s/report.html\n",
              sweep::terminal_table(sweep, *rows, colour).c_str(), told.c_str(), finished.size(),
              plan.runs.size(), folder.c_str());
  return code;
}

}  // namespace rexp::driver
