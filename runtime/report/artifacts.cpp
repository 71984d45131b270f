#include "runtime/report/artifacts.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "runtime/base/json.h"

namespace rexp::report {
namespace {

using json = nlohmann::ordered_json;

/// Calls `use` with the parsed text; what the JSON library throws becomes an error.
template <class Use>
Status with_json(std::string_view text, int line, const Use& use) {
  const auto value = parse_ordered_json(text, {}, line);
  if (!value) return value.error();
  try {
    use(*value);
    return {};
  } catch (const json::exception& fault) {
    return file_error({}, line, std::string("not the JSON that a report reads: ") + fault.what(),
                      "delete the artifact and run again");
  }
}

template <class Use>
Status for_each_line(std::string_view text, const Use& use) {
  int line = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    ++line;
    if (end > 0) REXP_TRY(with_json(text.substr(0, end), line, use));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

/// A number, NaN for null (what a JSON writer makes of NaN).
double number(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

/// {"0": 0.5, "2": 4.0} as a list, NaN where there is nothing.
std::vector<double> by_index(const json& numbers) {
  std::vector<double> out;
  for (const auto& [key, value] : numbers.items()) {
    uint8_t index = 0;
    const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), index);
    if (fault != std::errc() || end != key.data() + key.size()) continue;
    if (out.size() <= index) out.resize(index + 1u, std::numeric_limits<double>::quiet_NaN());
    out[index] = number(value);
  }
  return out;
}

LogPoint log_point(const json& row) {
  LogPoint point;
  point.step = row.at("step").get<int64_t>();
  point.loss = number(row.at("loss"));
  point.lr = row.value("lr", 0.0);
  point.level_loss = by_index(row.value("levels", json::object()));
  point.task_loss = by_index(row.value("tasks", json::object()));
  return point;
}

/// Cuts `text` at its trained stretches. They are searched from the end, where answers stand: a prompt may hold the same words.
std::vector<PromptSample::Span> spans_of(const std::string& text,
                                         const std::vector<std::string>& trained) {
  std::vector<PromptSample::Span> reversed;
  size_t end = text.size();
  for (auto stretch = trained.rbegin(); stretch != trained.rend(); ++stretch) {
    if (stretch->empty() || stretch->size() > end) continue;
    const size_t at = text.rfind(*stretch, end - stretch->size());
    if (at == std::string::npos) continue;
    const size_t after = at + stretch->size();
    if (after < end) reversed.push_back({text.substr(after, end - after), false});
    reversed.push_back({*stretch, true});
    end = at;
  }
  if (end > 0) reversed.push_back({text.substr(0, end), false});
  return {reversed.rbegin(), reversed.rend()};
}

}  // namespace

Result<Evaluated> evaluated(const EvaluationLabel& label, std::string_view metrics_json) {
  Evaluated out;
  REXP_TRY(with_json(metrics_json, 0, [&](const json& root) {
    for (const json& row : root.at("rows")) {
      out.rows.push_back({label.system, label.protocol, label.split, row.value("seen", ""),
                          row.at("metric").get<std::string>(), number(row.at("value")),
                          number(row.at("low")), number(row.at("high")),
                          row.value("n", int64_t{0})});
    }
    for (const json& note : root.value("notes", json::array()))
      out.notes.push_back(note.get<std::string>());
  }));
  return out;
}

Result<TrainingLog> training_log(const StageLabel& label, std::string_view log_jsonl) {
  TrainingLog log;
  log.stage = label.stage;
  log.tasks = label.tasks;
  REXP_TRY(
      for_each_line(log_jsonl, [&](const json& row) { log.points.push_back(log_point(row)); }));
  return log;
}

Result<QuantiserLog> quantiser_log(const std::string& codebook, std::string_view log_jsonl) {
  QuantiserLog out;
  out.losses.stage = codebook;
  out.losses.unit = "squared error";
  out.quantities = {codebook, "step", "codes in use, of 1", {}};
  std::map<std::string, size_t> series;
  REXP_TRY(for_each_line(log_jsonl, [&](const json& row) {
    out.losses.points.push_back(log_point(row));
    const json quantities = row.value("quantities", json::object());
    for (const auto& [name, value] : quantities.items()) {
      if (!name.starts_with("usage")) continue;
      const auto [at, fresh] = series.try_emplace(name, series.size());
      if (fresh) out.quantities.series.push_back({name, {}});
      out.quantities.series[at->second].points.emplace_back(
          static_cast<double>(out.losses.points.back().step), number(value));
    }
  }));
  return out;
}

Result<LearningCurve> valid_curve(const std::string& system, std::string_view valid_json) {
  LearningCurve curve{system, "epoch", "NDCG@10 on valid", {}};
  LearningCurve::Series& series = curve.series.emplace_back();
  series.name = "NDCG@10";
  REXP_TRY(with_json(valid_json, 0, [&](const json& root) {
    for (const json& value : root.at("ndcg@10"))
      series.points.emplace_back(static_cast<double>(series.points.size() + 1), number(value));
  }));
  return curve;
}

Result<std::vector<PromptSample>> prompt_samples(const StageLabel& label,
                                                 std::string_view samples_jsonl) {
  std::vector<PromptSample> samples;
  REXP_TRY(for_each_line(samples_jsonl, [&](const json& row) {
    if (!row.contains("text")) return;  // a stage without a tokenizer leaves bare ids
    const auto task = row.at("task").get<size_t>();
    samples.push_back({label.stage, task < label.tasks.size() ? label.tasks[task] : "",
                       row.value("tokens", int64_t{0}),
                       spans_of(row.at("text").get<std::string>(),
                                row.value("trained", std::vector<std::string>()))});
  }));
  return samples;
}

Result<std::vector<TallySummary>> tallies(const std::string& name, std::string_view metrics_json) {
  std::vector<TallySummary> out;
  REXP_TRY(with_json(metrics_json, 0, [&](const json& root) {
    for (const json& tally : root.at("tallies")) {
      TallySummary& summary = out.emplace_back();
      summary.name = name;
      summary.seen = tally.value("seen", "");
      summary.classes = root.at("classes").get<std::vector<std::string>>();
      for (const json& row : tally.at("rows")) {
        summary.rows.push_back({row.at("key").get<int64_t>(), row.at("n").get<int64_t>(),
                                row.at("shares").get<std::vector<double>>()});
      }
    }
  }));
  return out;
}

Result<std::vector<Recommendation>> recommendations(const std::string& system,
                                                    std::string_view samples_json) {
  std::vector<Recommendation> out;
  REXP_TRY(with_json(samples_json, 0, [&](const json& root) {
    const json list = root.is_array() ? root : root.value("samples", json::array());
    for (const json& sample : list) {
      Recommendation r{system,
                       {},
                       sample.value("history", std::vector<std::string>()),
                       sample.value("truth", ""),
                       {}};
      if (const json user = sample.value("user", json()); !user.is_null()) {
        r.user = user.is_string() ? user.get<std::string>() : user.dump();
      }
      for (const json& guess : sample.value("guesses", json::array())) {
        r.guesses.push_back({guess.at("title").get<std::string>(),
                             number(guess.value("score", json())), guess.value("hit", false)});
      }
      out.push_back(std::move(r));
    }
  }));
  return out;
}

Status add_codebook_metrics(std::string_view metrics_json, CodebookSummary* summary) {
  return with_json(metrics_json, 0, [&](const json& root) {
    for (const auto& [name, value] : root.items()) {
      std::string words = name;
      std::replace(words.begin(), words.end(), '_', ' ');
      if (value.is_number()) summary->numbers.emplace_back(std::move(words), value.get<double>());
    }
    if (root.contains("usage"))
      summary->usage = root.at("usage").get<std::vector<std::vector<int64_t>>>();
  });
}

}  // namespace rexp::report
