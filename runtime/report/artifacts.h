// From the files that nodes leave in their artifacts (runtime/abi/README.md) to the parts of a report.
//
//   Result<TrainingLog> log = training_log({"quickstart/tune", {"next"}}, contents_of("log.jsonl"));
//
// Errors are user errors that name the line; a member that is absent keeps its default.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/report/report.h"

namespace rexp::report {

/// What people call an evaluation. Artifacts do not hold names, so that a rename makes none of them again.
struct EvaluationLabel {
  std::string system, protocol, split;
};
struct StageLabel {
  std::string stage;
  std::vector<std::string> tasks;
};

/// metrics.json of an evaluate node: {"rows": [..], "notes": [..]}.
struct Evaluated {
  std::vector<MetricRow> rows;
  std::vector<std::string> notes;
};
Result<Evaluated> evaluated(const EvaluationLabel& label, std::string_view metrics_json);

/// metrics.json of a tally node: {"classes": [..], "tallies": [{"seen", "rows": [{"key", "n", "shares": [..]}]}]}.
Result<std::vector<TallySummary>> tallies(const std::string& name, std::string_view metrics_json);

/// log.jsonl of a train node: {"step", "loss", "levels": {"0": .., "1": ..}, "tasks": {"0": ..}, "lr"} a line.
Result<TrainingLog> training_log(const StageLabel& label, std::string_view log_jsonl);

/// log.jsonl of a codebook node that trained its quantiser: the same, with {"quantities": {"usage 1": ..}}. The loss and its levels
/// are squared errors; each quantity is a series.
struct QuantiserLog {
  TrainingLog losses;
  LearningCurve quantities;
};
Result<QuantiserLog> quantiser_log(const std::string& codebook, std::string_view log_jsonl);

/// valid.json of a trained recommender: {"ndcg@10": [after each epoch]}; empty: nothing was looked at.
Result<LearningCurve> valid_curve(const std::string& system, std::string_view valid_json);

/// samples.jsonl of a train node: {"task": index, "text", "trained": [texts of the trained stretches, in order], "tokens"} a line.
Result<std::vector<PromptSample>> prompt_samples(const StageLabel& label,
                                                 std::string_view samples_jsonl);

/// samples.json of an evaluate node: a list, or the member "samples", of
/// {"user", "history": [titles], "truth", "guesses": [{"title", "score", "hit"}]}.
Result<std::vector<Recommendation>> recommendations(const std::string& system,
                                                    std::string_view samples_json);

/// codebook.json's name, surface and sizes are given by the caller; metrics.json adds "usage": [[counts of a level], ..] and
/// every number at its top.
Status add_codebook_metrics(std::string_view metrics_json, CodebookSummary* summary);

}  // namespace rexp::report
