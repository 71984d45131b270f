// evaluate: what a protocol measures of the guesses of one system.
#include <algorithm>
#include <cstdio>

#include "runtime/eval/evaluate.h"
#include "runtime/nodes/evaluate_metrics.h"
#include "runtime/nodes/questions.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

/// A few users with what they saw, what came next and what was guessed, for the report.
nlohmann::json samples(const data::Dataset& dataset, const Questions& questions,
                       const eval::Guesses& guesses) {
  const data::Column* title = dataset.items.find("title");
  if (!title || title->kind != data::ColumnKind::text) title = dataset.items.find("id");
  const auto name = [&](int64_t item) { return std::string(title->text(item)); };
  nlohmann::json out = nlohmann::json::array();
  constexpr int64_t kHistory = 8, kGuesses = 10;
  for (const int64_t u : shown_rows(guesses.users())) {
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

/// The lists that the protocol looks at: of those with and without the items a user has seen.
Result<std::vector<eval::Guesses>> read_lists(NodeContext& context) {
  auto all = eval::load_guesses(context.in(context.find({"decode", "rank"}), "guesses.bin"));
  if (!all) return all.error();
  std::vector<eval::Guesses> out;
  for (const auto& name : context.args().at("seen")) {
    const auto seen = eval::parse_seen(name.get<std::string>());
    if (!seen) return seen.error();
    const auto found = std::find_if(all->begin(), all->end(),
                                    [&](const eval::Guesses& list) { return list.seen == *seen; });
    if (found == all->end())
      return internal_error("there are no guesses with seen = " + name.get<std::string>());
    out.push_back(*found);
  }
  return out;
}

Status check_items(const eval::Guesses& guesses, const data::Dataset& dataset) {
  for (const int32_t item : guesses.items) {
    if (item >= dataset.item_count())
      return internal_error("a guess is of item " + std::to_string(item) + ", the catalogue has " +
                            std::to_string(dataset.item_count()));
  }
  return {};
}

/// Semantic ids as codes, in the numbering of Guesses::tokens; nothing where no metric compares them.
Result<std::vector<std::vector<int32_t>>> read_codes(NodeContext& context) {
  std::vector<std::vector<int32_t>> out;
  const int64_t input = context.find({"codebook"});
  if (input < 0) return out;
  auto book = context.codebook(input);
  if (!book) return book.error();
  for (const auto& codes : book->codes) {
    auto& flat = out.emplace_back();
    for (int level = 0; level < book->depth(); ++level)
      flat.push_back(book->level_offset(level) + codes[level]);
  }
  return out;
}

Status evaluate_node(NodeContext& context) {
  const auto& args = context.args();
  auto asked = read_asked(context);
  if (!asked) return asked.error();
  auto metrics = read_metrics(context);
  if (!metrics) return metrics.error();
  auto lists = read_lists(context);
  if (!lists) return lists.error();
  for (const auto& list : *lists) REXP_TRY(check_items(list, *asked->dataset));
  auto codes = read_codes(context);
  if (!codes) return codes.error();
  note_validity(context, *asked->dataset, lists->front());

  eval::BootstrapOptions bootstrap;
  if (args.contains("bootstrap")) {
    bootstrap.resamples = args["bootstrap"].value("resamples", 10000);
    bootstrap.stream = args["bootstrap"].value("seed", uint64_t{0});
  }
  auto evaluation = eval::evaluate(*lists, asked->questions.targets, *codes, *metrics, bootstrap);
  if (!evaluation) return evaluation.error();
  for (auto& text : evaluation->notes) context.note(std::move(text));

  nlohmann::json out = {{"rows", nlohmann::json::array()}, {"notes", context.notes()}};
  for (const auto& row : evaluation->rows) out["rows"].push_back(eval::to_json(row));
  REXP_TRY(write_json(context.out("metrics.json"), out));
  REXP_TRY(write_json(context.out("samples.json"),
                      samples(*asked->dataset, asked->questions, lists->back())));
  return eval::save(evaluation->per_user, context.out("per_user.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_evaluate(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_evaluate,
                               rexp::nodes::evaluate_node);
}
