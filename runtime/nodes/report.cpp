// report: everything an experiment names, as a table, a page and one list of metric rows.
#include "runtime/report/report.h"

#include <filesystem>

#include "runtime/nodes/run.h"
#include "runtime/nodes/versions.h"
#include "runtime/report/artifacts.h"
#include "runtime/store/file.h"

namespace rexp::nodes {

namespace {

/// What the plan calls the report's inputs: artifacts hold no names.
class Labels {
 public:
  explicit Labels(const nlohmann::json& args) {
    for (const auto& label : args.value("labels", nlohmann::json::array()))
      labels_[label.at("input").get<int64_t>()] = label;
  }
  std::string text(int64_t input, const char* field) const {
    const auto found = labels_.find(input);
    return found == labels_.end() ? "" : found->second.value(field, "");
  }
  report::EvaluationLabel evaluation(int64_t input) const {
    return {text(input, "system"), text(input, "protocol"), text(input, "split")};
  }
  report::StageLabel stage(int64_t input) const {
    const auto found = labels_.find(input);
    if (found == labels_.end()) return {};
    return {text(input, "stage"), found->second.value("tasks", std::vector<std::string>())};
  }

 private:
  std::map<int64_t, nlohmann::json> labels_;
};

nlohmann::json row_json(const report::MetricRow& row) {
  return {{"system", row.system}, {"protocol", row.protocol}, {"split", row.split},
          {"seen", row.seen},     {"metric", row.metric},     {"value", row.value},
          {"low", row.low},       {"high", row.high},         {"n", row.n}};
}

/// The error of a file of an input, which the reader knew by its text only.
Error in_file(Error error, std::string file) {
  error.file = std::move(file);
  return error;
}

Status add_evaluation(NodeContext& context, int64_t input, const report::EvaluationLabel& label,
                      report::ReportData* data) {
  auto metrics = store::read_file(context.in(input, "metrics.json"));
  if (!metrics) return metrics.error();
  auto parsed = report::evaluated(label, *metrics);
  if (!parsed) return in_file(parsed.error(), context.in(input, "metrics.json"));
  data->metrics.insert(data->metrics.end(), parsed->rows.begin(), parsed->rows.end());
  for (const auto& note : parsed->notes) data->notes.push_back(label.system + ": " + note);
  auto samples = store::read_file(context.in(input, "samples.json"));
  if (!samples) return samples.error();
  auto recommendations = report::recommendations(label.system, *samples);
  if (!recommendations) return in_file(recommendations.error(), context.in(input, "samples.json"));
  data->recommendations.insert(data->recommendations.end(), recommendations->begin(),
                               recommendations->end());
  return {};
}

Status add_tally(NodeContext& context, int64_t input, const std::string& name,
                 report::ReportData* data) {
  auto metrics = store::read_file(context.in(input, "metrics.json"));
  if (!metrics) return metrics.error();
  auto tallies = report::tallies(name, *metrics);
  if (!tallies) return in_file(tallies.error(), context.in(input, "metrics.json"));
  data->tallies.insert(data->tallies.end(), tallies->begin(), tallies->end());
  return {};
}

Status add_stage(NodeContext& context, int64_t input, const report::StageLabel& label,
                 report::ReportData* data) {
  auto log = store::read_file(context.in(input, "log.jsonl"));
  if (!log) return log.error();
  auto curve = report::training_log(label, *log);
  if (!curve) return in_file(curve.error(), context.in(input, "log.jsonl"));
  data->logs.push_back(std::move(*curve));
  auto samples = store::read_file(context.in(input, "samples.jsonl"));
  if (!samples) return samples.error();
  auto prompts = report::prompt_samples(label, *samples);
  if (!prompts) return in_file(prompts.error(), context.in(input, "samples.jsonl"));
  data->prompts.insert(data->prompts.end(), prompts->begin(), prompts->end());
  return {};
}

Status add_codebook(const std::string& folder, report::ReportData* data) {
  auto book = codebook::load_codebook(folder + "/codebook.json");
  if (!book) return book.error();
  report::CodebookSummary summary;
  summary.name = book->name;
  summary.surface = book->surface;
  summary.level_sizes = book->level_sizes;
  auto metrics = store::read_file(folder + "/metrics.json");
  if (!metrics) return metrics.error();
  if (const Status read = report::add_codebook_metrics(*metrics, &summary); !read)
    return in_file(read.error(), folder + "/metrics.json");
  data->codebooks.push_back(std::move(summary));
  if (!std::filesystem::exists(folder + "/log.jsonl")) return {};  // nothing was trained
  auto log = store::read_file(folder + "/log.jsonl");
  if (!log) return log.error();
  auto course = report::quantiser_log(book->name, *log);
  if (!course) return in_file(course.error(), folder + "/log.jsonl");
  data->logs.push_back(std::move(course->losses));
  data->curves.push_back(std::move(course->quantities));
  return {};
}

Status add_recommender(const std::string& file, const std::string& name, report::ReportData* data) {
  if (!std::filesystem::exists(file)) return {};  // nothing was trained
  auto text = store::read_file(file);
  if (!text) return text.error();
  auto curve = report::valid_curve(name, *text);
  if (!curve) return in_file(curve.error(), file);
  data->curves.push_back(std::move(*curve));
  return {};
}

/// Notes of everything that the report stands on. Clocks and what was cached are no part of it: the report is a function of its inputs,
/// and the names of nodes are among its arguments.
void add_notes(NodeContext& context, report::ReportData* data) {
  for (const auto& outcome : context.run().outcomes) {
    if (outcome["kind"] == "evaluate") continue;  // its notes are in its metrics
    for (const auto& note : outcome["notes"]) {
      data->notes.push_back(outcome["name"].get<std::string>() + ": " + note.get<std::string>());
    }
  }
}

Status make(NodeContext& context) {
  report::ReportData data;
  data.experiment = context.args().at("experiment");
  if (context.args().contains("parameters")) {
    for (const auto& [name, value] : context.args()["parameters"].items())
      data.facts.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  const Labels labels(context.args());
  for (const int64_t input : context.all("evaluate"))
    REXP_TRY(add_evaluation(context, input, labels.evaluation(input), &data));
  for (const int64_t input : context.all("tally"))
    REXP_TRY(add_tally(context, input, labels.text(input, "tally"), &data));
  for (const int64_t input : context.all("train"))
    REXP_TRY(add_stage(context, input, labels.stage(input), &data));
  for (const int64_t input : context.all("codebook"))
    REXP_TRY(add_codebook(context.in(input, ""), &data));
  for (const int64_t input : context.all("baseline"))
    REXP_TRY(add_recommender(context.in(input, "valid.json"), labels.text(input, "system"), &data));
  add_notes(context, &data);
  nlohmann::json all = {{"rows", nlohmann::json::array()}, {"notes", data.notes}};
  for (const auto& row : data.metrics) all["rows"].push_back(row_json(row));
  REXP_TRY(write_json(context.out("metrics.json"), all));
  return report::write_report(data, context.out(""));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_report(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_report, rexp::nodes::make);
}
