#include "compiler/plan/experiment_json.h"

#include "compiler/eval/constructs.h"

namespace rexp::plan {
using eval::Evaluator;
using eval::Value;
using nlohmann::ordered_json;

namespace {

ordered_json record_json(Evaluator& e, const eval::Record& record) {
  const check::TypeNode& type = e.program.types[record.type];
  ordered_json out = {{"is", type.name}};
  if (!record.name.empty()) out["name"] = record.name;
  const std::vector<check::Field> fields = e.program.schema(type.index).fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string key = out.contains(fields[i].name) ? fields[i].name + "_" : fields[i].name;
    out[key] = value_json(e, *record.fields[i].value);
  }
  return out;
}

ordered_json made_json(Evaluator& e, const eval::Made& made) {
  ordered_json out = {{"is", e.program.decl(made.operation).name.text}};
  for (const auto& [name, argument] : made.arguments) out[name] = value_json(e, argument);
  return out;
}

ordered_json task_json(Evaluator& e, const eval::Task& task) {
  ordered_json parts = ordered_json::array();
  for (const eval::TaskPart& part : task.parts) {
    parts.push_back({{"template", eval::names_of(e.program, part.templates)},
                     {"rows", value_json(e, Value{part.rows})}});
  }
  return {{"is", "Task"}, {"name", task.name}, {"parts", std::move(parts)}};
}

ordered_json mixture_json(Evaluator& e, const eval::Mixture& mixture) {
  ordered_json tasks = ordered_json::array();
  for (const eval::MixtureEntry& entry : mixture.entries) {
    const check::TypeKind unit = entry.share ? check::TypeKind::ratio : check::TypeKind::copies;
    tasks.push_back({{"task", value_json(e, Value{entry.task})},
                     {"weight", eval::amount_text(entry.weight, unit)}});
  }
  ordered_json out = {{"is", "Mixture"}, {"tasks", std::move(tasks)}};
  if (mixture.total) out["total"] = *mixture.total;
  return out;
}

ordered_json named(Evaluator& e, const std::vector<std::pair<std::string, Value>>& values) {
  ordered_json out = ordered_json::object();
  for (const auto& [name, value] : values) out[name] = value_json(e, value);
  return out;
}

}  // namespace

ordered_json value_json(Evaluator& e, const Value& value) {
  if (value.as<eval::None>() != nullptr) return nullptr;
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* whole = value.as<int64_t>()) return *whole;
  if (const auto* real = value.as<double>()) return *real;
  if (const auto* chars = value.as<std::string>()) return *chars;
  if (const auto* list = value.shared<eval::List>()) {
    ordered_json out = ordered_json::array();
    for (const Value& element : list->elements) out.push_back(value_json(e, element));
    return out;
  }
  if (const auto* fields = value.shared<eval::Fields>()) return named(e, fields->entries);
  if (const auto* record = value.shared<eval::Record>()) return record_json(e, *record);
  if (const auto* made = value.shared<eval::Made>()) return made_json(e, *made);
  if (const auto* task = value.shared<eval::Task>()) return task_json(e, *task);
  if (const auto* mixture = value.shared<eval::Mixture>()) return mixture_json(e, *mixture);
  if (const auto* kernel = value.as<eval::Kernel>()) return kernel->source;
  return eval::readable(e, value);  // amounts, enums, functions, templates: as rexp writes them
}

ordered_json experiment_json(Evaluator& e, const eval::ExperimentValue& experiment) {
  return {{"experiment", experiment.name},
          {"seed", experiment.seed},
          {"parameters", named(e, experiment.parameters)},
          {"outputs", named(e, experiment.outputs)}};
}

}  // namespace rexp::plan
