// evaluate: one system's guesses under one protocol, and the metric rows.
#include <cstdio>

#include "runtime/abi/evaluate_systems.h"
#include "runtime/abi/versions.h"
#include "runtime/eval/evaluate.h"

namespace rexp::abi {

namespace {

/// A few users with what they saw, what came next and what was guessed, for the report.
nlohmann::json samples(const data::Dataset& dataset, const Questions& questions,
                       const eval::Guesses& guesses) {
  const data::Column* title = dataset.items.find("title");
  if (!title || title->kind != data::ColumnKind::text) title = dataset.items.find("id");
  const auto name = [&](int64_t item) { return std::string(title->text(item)); };
  nlohmann::json out = nlohmann::json::array();
  constexpr int64_t kUsers = 6, kHistory = 8, kGuesses = 10;
  const int64_t users = guesses.users();
  for (int64_t i = 0; i < std::min(kUsers, users); ++i) {
    const int64_t u = i * users / std::min(kUsers, users);
    nlohmann::json history = nlohmann::json::array(), list = nlohmann::json::array();
    const auto& seen = questions.histories[u];
    for (size_t h = seen.size() > kHistory ? seen.size() - kHistory : 0; h < seen.size(); ++h)
      history.push_back(name(seen[h]));
    for (int64_t e = guesses.offsets[u];
         e < std::min(guesses.offsets[u + 1], guesses.offsets[u] + kGuesses); ++e) {
      const int32_t item = guesses.items[e];
      list.push_back({{"title", item < 0 ? "(no item)" : name(item)},
                      {"score", guesses.scores[e]},
                      {"hit", item == questions.targets[u]}});
    }
    out.push_back({{"user", std::string(dataset.users.find("id")->text(questions.users[u]))},
                   {"history", history},
                   {"truth", name(questions.targets[u])},
                   {"guesses", list},
                   {"seen", eval::to_string(guesses.seen)}});
  }
  return out;
}

void note_validity(NodeContext& context, const data::Dataset& dataset,
                   const eval::Guesses& guesses) {
  const auto shares = eval::shares_by_rank(guesses, data::train_counts(dataset));
  for (const size_t rank : {size_t{0}, size_t{9}}) {
    if (rank >= shares.size()) continue;
    char text[160];
    std::snprintf(text, sizeof text,
                  "answers at rank %zu: %.1f%% warm, %.1f%% tail (1-2 train events), %.1f%% cold, "
                  "%.1f%% no item",
                  rank + 1, 100 * shares[rank].warm, 100 * shares[rank].tail,
                  100 * shares[rank].cold, 100 * shares[rank].invalid);
    context.note(text);
  }
}

Status evaluate_node(NodeContext& context) {
  const auto& args = context.args();
  auto dataset = context.dataset(context.find({"load"}));
  if (!dataset) return dataset.error();
  auto rows = context.rows(context.find({"rows"}));
  if (!rows) return rows.error();
  auto questions = read_questions(**dataset, *rows, args);
  if (!questions) return questions.error();
  auto measures = read_metrics(context);
  if (!measures) return measures.error();

  auto answers = context.find({"baseline"}) >= 0
                     ? ask_baseline(context, *questions, measures->deepest)
                     : ask_model(context, *rows, *questions, measures->deepest);
  if (!answers) return answers.error();
  for (auto& text : answers->notes) context.note(std::move(text));
  note_validity(context, **dataset, answers->lists.front());

  eval::BootstrapOptions bootstrap;
  if (args.contains("bootstrap")) {
    bootstrap.resamples = args["bootstrap"].value("resamples", 10000);
    bootstrap.stream = args["bootstrap"].value("seed", uint64_t{0});
  }
  auto evaluation = eval::evaluate(answers->lists, questions->targets, answers->item_codes,
                                   measures->metrics, bootstrap);
  if (!evaluation) return evaluation.error();
  for (auto& text : evaluation->notes) context.note(std::move(text));

  nlohmann::json out = {{"rows", nlohmann::json::array()}, {"notes", context.notes()}};
  for (const auto& row : evaluation->rows) out["rows"].push_back(eval::to_json(row));
  REXP_TRY(write_json(context.out("metrics.json"), out));
  REXP_TRY(write_json(context.out("samples.json"),
                      samples(**dataset, *questions, answers->lists.back())));
  REXP_TRY(eval::save(answers->lists, context.out("guesses.bin")));
  return eval::save(evaluation->per_user, context.out("per_user.bin"));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_evaluate(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_evaluate, rexp::abi::evaluate_node);
}
