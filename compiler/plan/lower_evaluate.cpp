// `evaluate` nodes: what a protocol measures of the guesses of a system.
#include "compiler/contracts/questions.h"
#include "compiler/plan/lower.h"

namespace rexp::plan {
using nlohmann::json;

namespace {

std::optional<json> describe_metrics(Lowering& l, Draft& draft, const Record& protocol,
                                     bool* compares_levels) {
  Program& program = l.program();
  json out = json::array();
  const auto* list = contracts::field(program, protocol, "metrics").shared<eval::List>();
  for (const Value& element : list->elements) {
    const auto* metric = element.shared<Record>();
    json described = json::object();
    for (const char* name : {"name", "depth", "levels"})
      described[name] = constant_json(l.e, contracts::field(program, *metric, name));
    *compares_levels |= !described["levels"].is_null();
    const auto kernel =
        add_field_kernel(l, draft, "metric", *metric, "value", {Value{eval::None{}}});
    if (!kernel) return std::nullopt;
    described["kernel"] = *kernel;
    out.push_back(std::move(described));
  }
  return out;
}

/// The codebook whose codes are compared: that of the answer.
bool add_codebook(Lowering& l, Draft& draft, const Record& protocol) {
  const auto prompt = contracts::make_prompt(l.e, protocol);
  if (!prompt) return false;
  const auto answered = contracts::answered_codebook(*prompt->function);
  if (!answered) return true;
  const Value codebook = l.e.tables[*answered];
  const auto node = lower(l, codebook);
  if (node) draft.input(*node);
  return node.has_value();
}

}  // namespace

std::optional<DraftId> lower_evaluate(Lowering& l, const Made& evaluate) {
  Program& program = l.program();
  const Value& system = contracts::argument(evaluate, "system");
  const Record& protocol = *contracts::argument(evaluate, "protocol").shared<Record>();
  const Value& rows = contracts::field(program, protocol, "rows");
  const auto guesses = lower_guesses(l, system, protocol);
  const Value* dataset = eval::dataset_of(l.e, rows);
  const auto load = dataset == nullptr ? std::nullopt : lower(l, *dataset);
  const auto read = lower(l, rows);
  if (!guesses || !load || !read) return std::nullopt;

  const bool model = contracts::is(program, system, Known::Model);
  const std::string name = system_name(l, system);
  Draft draft;
  draft.kind = "evaluate";
  draft.site = {{"protocol", name_or(protocol, "protocol")},
                {"system", model ? name : last_part(name)},
                {"split", contracts::words_of(contracts::splits_of(l.e, rows))}};
  draft.name = name_in(l, name_or(protocol, "protocol") + "/" + last_part(name));
  for (const DraftId input : {*guesses, *load, *read}) draft.input(input);
  bool compares_levels = false;
  auto metrics = describe_metrics(l, draft, protocol, &compares_levels);
  if (!metrics) return std::nullopt;
  draft.args = {
      {"seen", constant_json(l.e, contracts::field(program, protocol, "seen"))},
      {"metrics", std::move(*metrics)},
      {"bootstrap",
       {{"resamples", constant_json(l.e, contracts::field(program, protocol, "resamples"))},
        {"seed", l.seed}}}};
  if (compares_levels && !add_codebook(l, draft, protocol)) return std::nullopt;
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
