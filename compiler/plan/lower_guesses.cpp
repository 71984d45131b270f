// `decode` and `rank` nodes: what a system answers to the rows of a protocol. Nothing of what is measured stands in them, so that
// protocols that ask the same – the same rows, template and decoder – share one, whatever their metrics and their `seen` are.
#include <algorithm>

#include "compiler/contracts/questions.h"
#include "compiler/plan/lower.h"
#include "runtime/base/random.h"

namespace rexp::plan {
using nlohmann::json;

namespace {

constexpr int64_t kListed = 100;  // guesses of a baseline at least: reports and tallies read them

/// Guesses that metrics of semantic ids look at; of the others the rank of the true item is kept however deep it is.
int64_t listed(Program& program, const Record& protocol) {
  int64_t most = kListed;
  const auto* metrics = contracts::field(program, protocol, "metrics").shared<eval::List>();
  for (const Value& element : metrics->elements) {
    const auto* metric = element.shared<Record>();
    if (contracts::field(program, *metric, "levels").as<eval::None>() == nullptr)
      most = std::max(most, *contracts::field(program, *metric, "depth").as<int64_t>());
  }
  return most;
}

/// The model's question and how it is answered.
bool add_question(Lowering& l, Draft& draft, const Record& protocol) {
  const auto prompt = contracts::make_prompt(l.e, protocol);
  const auto kernel = prompt ? add_kernel(l, draft, "prompt", *prompt->function) : std::nullopt;
  if (!kernel) return false;
  draft.args["prompt"] = {{"kernel", *kernel}};
  auto decode = describe_component(l, draft, contracts::field(l.program(), protocol, "decode"),
                                   contracts::field_span(l.program(), protocol, "decode"));
  if (!decode) return false;
  draft.args["decode"] = std::move(*decode);
  draft.stream = stream(l.seed, draft.kind);
  return true;
}

/// A decoder that keeps to the catalogue needs one of that size. The run looks at it as soon as the data are there.
void demand_items(Lowering& l, Draft& load, const Record& protocol) {
  Program& program = l.program();
  const auto guesses = contracts::guesses_of(program, protocol);
  if (!guesses || !contracts::legal_codebook(l.e, protocol)) return;
  const Span span = contracts::field_span(program, protocol, "decode");
  json demand = {{"items", static_cast<int64_t>(*guesses)},
                 {"file", program.sources.name(span.file)},
                 {"line", program.sources.place(span.file, span.begin).line}};
  json& demands = load.site["demands"];
  if (std::find(demands.begin(), demands.end(), demand) == demands.end())
    demands.push_back(std::move(demand));
}

/// What a hybrid is made of: {"input": 0} of a system's scores or answers, {"of": [..], "weights": [..]}.
std::optional<json> describe_system(Lowering& l, Draft& draft, const Value& system,
                                    const Record& protocol) {
  const std::vector<Value>& members = contracts::members_of(l.e, system);
  if (members.empty()) {
    const bool model = contracts::is(l.program(), system, Known::Model);
    const auto node = model ? lower_guesses(l, system, protocol) : lower(l, system);
    return node ? std::optional(json{{"input", draft.input(*node)}}) : std::nullopt;
  }
  const Value& weights = contracts::argument(*system.shared<Made>(), "weights");
  json out = {{"of", json::array()}, {"weights", constant_json(l.e, weights)}};
  for (const Value& member : members) {
    auto described = describe_system(l, draft, member, protocol);
    if (!described) return std::nullopt;
    out["of"].push_back(std::move(*described));
  }
  return out;
}

/// Ranks by scores: a `rank` node with everything that gives some.
bool add_systems(Lowering& l, Draft& draft, const Value& system, const Record& protocol) {
  auto described = describe_system(l, draft, system, protocol);
  if (!described) return false;
  draft.args["system"] = std::move(*described);
  draft.args["listed"] = listed(l.program(), protocol);
  return true;
}

/// A language model answers with what its search finds.
bool add_model(Lowering& l, Draft& draft, const Value& system) {
  const auto model = lower(l, system);
  if (!model) return false;
  draft.input(*model);
  return true;
}

}  // namespace

std::string system_name(Lowering& l, const Value& system) {
  const std::vector<Value>& members = contracts::members_of(l.e, system);
  if (members.empty()) {
    const auto node = lower(l, system);
    return node ? l[*node].name : "";
  }
  const Value& given = contracts::argument(*system.shared<Made>(), "weights");
  const auto* weights = given.shared<eval::List>();
  std::string names;
  for (size_t i = 0; i < members.size(); ++i) {
    names += i == 0 ? "" : ", ";
    if (weights != nullptr) names += eval::print(l.e, weights->elements[i]) + "x ";
    names += last_part(system_name(l, members[i]));
  }
  return "hybrid(" + names + ")";
}

std::optional<DraftId> lower_guesses(Lowering& l, const Value& system, const Record& protocol) {
  Program& program = l.program();
  const Value& rows = contracts::field(program, protocol, "rows");
  const Value* dataset = eval::dataset_of(l.e, rows);
  const bool model = contracts::is(program, system, Known::Model);
  Draft draft;
  draft.kind = model ? "decode" : "rank";
  if (!(model ? add_model(l, draft, system) : add_systems(l, draft, system, protocol)))
    return std::nullopt;
  if (dataset == nullptr) return std::nullopt;
  const auto load = lower(l, *dataset), read = lower(l, rows);
  if (!load || !read) return std::nullopt;
  draft.site["system"] = system_name(l, system);
  if (!model) draft.site["asks"] = contracts::asks(program, protocol);
  draft.name = name_in(l, last_part(draft.site["system"]) + "/" + draft.kind);
  for (const DraftId input : {*load, *read}) draft.input(input);
  if (model) {
    if (!add_question(l, draft, protocol)) return std::nullopt;
    demand_items(l, l.drafts[static_cast<size_t>(*load)], protocol);
  }
  return l.add_once(std::move(draft));
}

}  // namespace rexp::plan
