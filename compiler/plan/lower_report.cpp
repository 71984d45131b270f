// The `report` node: everything that an experiment names, and what people call it.
#include "compiler/plan/experiment_json.h"
#include "compiler/plan/lower.h"

namespace rexp::plan {
using nlohmann::json;

namespace {

/// Whether the run makes a value; texts and numbers of an experiment are only shown by `rexp eval`.
bool is_run(Program& program, const Value& value) {
  return value.shared<Made>() != nullptr || contracts::is(program, value, Known::Model);
}

bool collect(Lowering& l, const Value& value, std::vector<DraftId>* out) {
  if (const auto* list = value.shared<eval::List>()) {
    for (const Value& element : list->elements) {
      if (!collect(l, element, out)) return false;
    }
    return true;
  }
  if (!is_run(l.program(), value)) return true;
  const auto node = lower(l, value);
  if (node) out->push_back(*node);
  return node.has_value();
}

/// A parameter as the page shows it: by its name when it has one.
std::string parameter_text(Lowering& l, const Value& value) {
  const auto* record = value.shared<Record>();
  return record != nullptr && !record->name.empty() ? record->name : eval::print(l.e, value);
}

/// What people call an input; null for what the page shows without a name.
json label_of(const Draft& draft) {
  if (draft.kind == "evaluate") {
    return {{"system", draft.site["system"]},
            {"protocol", draft.site["protocol"]},
            {"split", draft.site["split"]}};
  }
  if (draft.kind == "train")
    return {{"stage", last_part(draft.name)}, {"tasks", draft.site["tasks"]}};
  if (draft.kind == "baseline") return {{"system", last_part(draft.name)}};
  return nullptr;
}

/// What was learnt on the way to the outputs: the report shows how it went.
void add_background(const Lowering& l, Draft& report) {
  for (DraftId id = 0; id < static_cast<DraftId>(l.drafts.size()); ++id) {
    const std::string& kind = l[id].kind;
    if (kind == "train" || kind == "codebook" || kind == "baseline") report.input(id);
  }
}

}  // namespace

std::optional<DraftId> lower_report(Lowering& l, const eval::ExperimentValue& experiment) {
  Draft draft;
  draft.kind = "report";
  draft.name = experiment.name;
  draft.args = {{"experiment", experiment.name},
                {"parameters", json::object()},
                {"outputs", json::array()},
                {"labels", json::array()}};
  for (const auto& [name, value] : experiment.parameters)
    draft.args["parameters"][name] = parameter_text(l, value);
  std::map<DraftId, std::string> tallies;  // by what the experiment calls them
  for (const auto& [name, value] : experiment.outputs) {
    std::vector<DraftId> nodes;
    if (!collect(l, value, &nodes)) return std::nullopt;
    json places = json::array();
    for (const DraftId id : nodes) {
      places.push_back(draft.input(id));
      if (l[id].kind == "tally") tallies[id] = name;
    }
    draft.args["outputs"].push_back({{"name", name}, {"inputs", std::move(places)}});
  }
  add_background(l, draft);
  for (size_t i = 0; i < draft.inputs.size(); ++i) {
    const DraftId input = draft.inputs[i];
    json label = tallies.count(input) > 0 ? json{{"tally", tallies[input]}} : label_of(l[input]);
    if (label.is_null()) continue;
    label["input"] = i;
    draft.args["labels"].push_back(std::move(label));
  }
  // its notes name nodes, so their names are part of what it is made from
  draft.args["nodes"] = json::array();
  for (DraftId id = 0; id < static_cast<DraftId>(l.drafts.size()); ++id)
    draft.args["nodes"].push_back(l[id].name);
  draft.site = {{"experiment", experiment.name}, {"value", experiment_json(l.e, experiment)}};
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
