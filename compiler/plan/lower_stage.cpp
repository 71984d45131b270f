// `train` nodes: a stage applied to a model.
//
//   base |> warm |> tune      two nodes; each has the one before it as its first input
//
// The tasks of a stage stand in an order that their contents give, so that neither their names nor the order of a mixture's lines
// changes a key; what people call them is kept in `site`.
#include <algorithm>

#include "compiler/contracts/codebooks.h"
#include "compiler/plan/key.h"
#include "compiler/plan/lower.h"
#include "runtime/base/random.h"

namespace rexp::plan {
using nlohmann::json;

std::string task_name(const eval::Task& task) { return task.name.empty() ? "data" : task.name; }

std::string part_name(const std::string& task, size_t index) {
  return index == 0 ? task : task + "#" + std::to_string(index + 1);
}

namespace {

struct Part {
  std::string name;   // of the task; "next#2" of its second part
  std::string order;  // what it is, whatever it is called
  const eval::TaskPart* part = nullptr;
  double weight = 1;
};

/// What a part of a task reads and prints, as a key.
std::optional<std::string> content_of(Lowering& l, const eval::TaskPart& part, double weight) {
  const auto rows = lower(l, Value{part.rows});
  Draft scratch;
  if (!rows || !add_kernel(l, scratch, "render", *part.render)) return std::nullopt;
  std::vector<std::string> inputs = {l.content(*rows)};
  for (const DraftId input : scratch.inputs) inputs.push_back(l.content(input));
  return content_key("rows", weight, scratch.kernels, 0, inputs);
}

bool collect_task(Lowering& l, const eval::Task& task, const std::string& name, double weight,
                  std::vector<Part>* out) {
  for (size_t i = 0; i < task.parts.size(); ++i) {
    auto order = content_of(l, task.parts[i], weight);
    if (!order) return false;
    out->push_back({part_name(name, i), std::move(*order), &task.parts[i], weight});
  }
  return true;
}

struct Data {
  std::vector<Part> parts;
  bool shares = false;
  std::optional<double> total;
};

std::optional<Data> data_of(Lowering& l, const Record& stage) {
  Data data;
  bool fine = true;
  const Value& value = contracts::field(l.program(), stage, "data");
  if (const auto* task = value.shared<eval::Task>())
    fine = collect_task(l, *task, task_name(*task), 1, &data.parts);
  if (const auto* mixture = value.shared<eval::Mixture>()) {
    data.total = mixture->total;
    for (const eval::MixtureEntry& entry : mixture->entries) {
      data.shares |= entry.share;
      const auto parts = static_cast<double>(entry.task->parts.size());
      const double weight = entry.share ? entry.weight / parts : entry.weight;  // of equal rows
      fine = collect_task(l, *entry.task, entry.name, weight, &data.parts) && fine;
    }
  }
  std::stable_sort(data.parts.begin(), data.parts.end(),
                   [](const Part& a, const Part& b) { return a.order < b.order; });
  return fine ? std::optional(std::move(data)) : std::nullopt;
}

/// Codebooks whose tokens the stage adds or its tasks print, in the order of their contents.
bool add_codebooks(Lowering& l, Draft& draft, const Value* added, const Data& data) {
  std::vector<Value> books;
  if (added != nullptr) books.push_back(*added);
  for (const Part& part : data.parts) {
    for (const int32_t table : part.part->render->codebooks) books.push_back(l.e.tables[table]);
  }
  std::map<std::string, DraftId> nodes;
  for (const Value& book : books) {
    const auto node = lower(l, book);
    if (!node) return false;
    nodes[l.content(*node)] = *node;
  }
  for (const auto& [content, node] : nodes) draft.input(node);
  return true;
}

bool add_tasks(Lowering& l, Draft& draft, const Data& data) {
  draft.args["tasks"] = json::array();
  draft.site["tasks"] = json::array();
  Kernel mixture{
      "mixture", draft.name, {}, {{"unit", draft.args["unit"]}, {"weights", json::array()}}};
  for (const Part& part : data.parts) mixture.mixture["weights"].push_back(part.weight);
  draft.args["mixture"] = {{"kernel", draft.kernels.size()}};
  draft.kernels.push_back(std::move(mixture));
  for (const Part& part : data.parts) {
    const Value value{part.part->rows};
    const auto rows = lower(l, value);
    const Value* dataset = eval::dataset_of(l.e, value);
    const auto load = dataset == nullptr ? rows : lower(l, *dataset);
    if (!rows || !load) return false;
    const int64_t at_rows = draft.input(*rows), at_load = draft.input(*load);
    row::RowFunction function = *part.part->render;
    function.name = part.name;
    const auto render = add_kernel(l, draft, "render", std::move(function));
    if (!render) return false;
    draft.args["tasks"].push_back({{"rows", at_rows},
                                   {"dataset", at_load},
                                   {"weight", part.weight},
                                   {"render", {{"kernel", *render}}}});
    draft.site["tasks"].push_back(part.name);
  }
  return true;
}

/// Fields that cross as they are.
bool add_settings(Lowering& l, Draft& draft, const Record& stage) {
  Program& program = l.program();
  for (const char* name :
       {"new_rows", "trains", "batch", "window", "overflow", "dropout", "precision"})
    draft.args[name] = constant_json(l.e, contracts::field(program, stage, name));
  const Value& length = contracts::field(program, stage, "length");
  const bool epochs = length.as<eval::Amount>()->unit == check::TypeKind::epochs;
  draft.args["length"] = {{epochs ? "epochs" : "steps", constant_json(l.e, length)}};
  for (const char* name : {"optimizer", "loss"}) {
    auto described = describe_component(l, draft, contracts::field(program, stage, name),
                                        contracts::field_span(program, stage, name));
    if (!described) return false;
    draft.args[name] = std::move(*described);
  }
  return true;
}

}  // namespace

std::optional<DraftId> lower_stage(Lowering& l, const Value& value, const Made& applied) {
  Program& program = l.program();
  const Record& stage = contracts::stage_of(applied);
  const auto model = lower(l, contracts::argument(applied, "model"));
  if (!model) return std::nullopt;
  Draft draft;
  draft.kind = "train";
  draft.name = name_in(l, name_or(stage, "stage"));
  draft.site["stage"] = name_or(stage, "stage");
  draft.input(*model);
  const auto* adds = contracts::field(program, stage, "adds").shared<Made>();
  const auto data = data_of(l, stage);
  if (!data) return std::nullopt;
  draft.args["adds"] = adds != nullptr;
  draft.args["unit"] = data->shares ? "shares" : "copies";
  draft.args["total"] = data->total ? number_json(*data->total) : json();
  const Value* added = adds == nullptr ? nullptr : &contracts::receiver(*adds);
  if (!add_codebooks(l, draft, added, *data) || !add_tasks(l, draft, *data) ||
      !add_settings(l, draft, stage))
    return std::nullopt;
  const uint64_t depth = contracts::chain_of(l.e, value).stages.size();
  draft.stream = stream(stream(l.seed, draft.kind), depth);
  draft.note = eval::print(l.e, contracts::field(program, stage, "length")) + " of " +
               std::to_string(data->parts.size()) + (data->parts.size() == 1 ? " task" : " tasks");
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
