// report: everything an experiment names, as a table, a page and one list of metric rows.
#include "runtime/abi/run.h"
#include "runtime/abi/versions.h"
#include "runtime/report/artifacts.h"
#include "runtime/report/report.h"
#include "runtime/store/file.h"

namespace rexp::abi {

namespace {

Status add_evaluation(NodeContext& context, int64_t input, report::ReportData* data,
                      nlohmann::json* all) {
  auto metrics = store::read_file(context.in(input, "metrics.json"));
  if (!metrics) return metrics.error();
  auto parsed = report::evaluated(*metrics);
  if (!parsed) return parsed.error();
  data->metrics.insert(data->metrics.end(), parsed->rows.begin(), parsed->rows.end());
  const std::string system = parsed->rows.empty() ? "" : parsed->rows.front().system;
  for (const auto& note : parsed->notes) data->notes.push_back(system + ": " + note);
  const auto json = nlohmann::json::parse(*metrics);
  for (const auto& row : json.at("rows")) (*all)["rows"].push_back(row);
  auto samples = store::read_file(context.in(input, "samples.json"));
  if (!samples) return samples.error();
  auto recommendations = report::recommendations(system, *samples);
  if (!recommendations) return recommendations.error();
  data->recommendations.insert(data->recommendations.end(), recommendations->begin(),
                               recommendations->end());
  return {};
}

Status add_stage(const std::string& folder, const std::string& name, report::ReportData* data) {
  auto log = store::read_file(folder + "/log.jsonl");
  if (!log) return log.error();
  auto curve = report::training_log(name, *log);
  if (!curve) return curve.error();
  data->logs.push_back(std::move(*curve));
  auto samples = store::read_file(folder + "/samples.jsonl");
  if (!samples) return samples.error();
  auto prompts = report::prompt_samples(name, *samples);
  if (!prompts) return prompts.error();
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
  REXP_TRY(report::add_codebook_metrics(*metrics, &summary));
  data->codebooks.push_back(std::move(summary));
  return {};
}

void add_nodes(NodeContext& context, report::ReportData* data) {
  for (const auto& outcome : context.run().outcomes) {
    data->nodes.push_back(
        {outcome["name"], outcome["kind"], outcome["seconds"], outcome["state"] == "cached"});
    if (outcome["kind"] == "evaluate") continue;  // its notes are in its metrics
    for (const auto& note : outcome["notes"]) {
      data->notes.push_back(outcome["name"].get<std::string>() + ": " + note.get<std::string>());
    }
  }
}

Status make(NodeContext& context) {
  report::ReportData data;
  data.experiment = context.args().at("experiment");
  const bool cuda = context.run().options.value("device", "cpu") == "cuda";
  data.facts = {{"device", cuda ? "cuda" : "cpu"}};
  if (context.args().contains("parameters")) {
    for (const auto& [name, value] : context.args()["parameters"].items())
      data.facts.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  nlohmann::json all = {{"rows", nlohmann::json::array()}};
  for (const int64_t input : context.all("evaluate")) {
    REXP_TRY(add_evaluation(context, input, &data, &all));
  }
  // stages and codebooks stand behind the evaluations, so the run has met them already
  for (const auto& outcome : context.run().outcomes) {
    const std::string folder = context.run().store->path(outcome["key"].get<std::string>());
    if (outcome["kind"] == "train") REXP_TRY(add_stage(folder, outcome["name"], &data));
    if (outcome["kind"] == "codebook") REXP_TRY(add_codebook(folder, &data));
  }
  add_nodes(context, &data);
  all["notes"] = data.notes;
  REXP_TRY(write_json(context.out("metrics.json"), all));
  return report::write_report(data, context.out(""));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_report(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_report, rexp::abi::make);
}
