#include "compiler/driver/show.h"

#include <algorithm>

#include "compiler/contracts/contracts.h"
#include "compiler/eval/constructs.h"
#include "compiler/plan/experiment_json.h"

namespace rexp::driver {

namespace {

using check::Known;
using check::Symbol;
using diagnostics::Kind;
using nlohmann::ordered_json;

/// A value inside another: by its name when it has one.
std::string inner_text(eval::Evaluator& e, const eval::Value& value) {
  const auto* record = value.shared<eval::Record>();
  if (record != nullptr && !record->name.empty()) return record->name;
  const auto* task = value.shared<eval::Task>();
  if (task != nullptr && !task->name.empty()) return task->name;
  return eval::readable(e, value);
}

std::string text_of(eval::Evaluator& e, const std::string& name, const eval::Value& value) {
  const auto* record = value.shared<eval::Record>();
  if (record == nullptr) return name + " = " + eval::readable(e, value) + "\n";
  const check::TypeNode& type = e.program.types[record->type];
  const std::vector<check::Field> fields = e.program.schema(type.index).fields;
  std::string out = name + " = " + type.name + " {\n";
  for (size_t i = 0; i < fields.size(); ++i)
    out += "  " + fields[i].name + " = " + inner_text(e, *record->fields[i].value) + "\n";
  return out + "}\n";
}

std::string lines_of(eval::Evaluator& e, const std::string& margin,
                     const std::vector<std::pair<std::string, eval::Value>>& values) {
  std::string out;
  for (const auto& [name, value] : values)
    out += margin + name + " = " + inner_text(e, value) + "\n";
  return out;
}

std::optional<Shown> show_experiment(eval::Evaluator& e, Symbol symbol) {
  const auto value = eval::evaluate_experiment(e, symbol);
  if (!value) return std::nullopt;
  return Shown{"experiment " + value->name + "(\n" + lines_of(e, "  ", value->parameters) +
                   ") {\n" + lines_of(e, "  ", value->outputs) + "}\n",
               plan::experiment_json(e, *value)};
}

std::optional<Shown> show_sweep(eval::Evaluator& e, Symbol symbol) {
  const auto sweep = eval::evaluate_sweep(e, symbol);
  if (!sweep) return std::nullopt;
  ordered_json points = ordered_json::array();
  std::string text = "sweep " + sweep->name + ": " + std::to_string(sweep->points.size()) +
                     " points x " + std::to_string(sweep->repeat) + "\n";
  for (const auto& point : sweep->points) {
    ordered_json assigned = ordered_json::object();
    std::string line;
    for (const eval::Assigned& a : point) {
      std::string path;
      for (const ast::Name& part : a.path) path += (path.empty() ? "" : ".") + part.text;
      const auto value = eval::assigned_value(e, a);
      if (!value) return std::nullopt;
      assigned[path] = plan::value_json(e, *value);
      line += (line.empty() ? "  " : "; ") + path + " = " + inner_text(e, *value);
    }
    points.push_back(std::move(assigned));
    text += line + "\n";
  }
  return Shown{text,
               {{"sweep", sweep->name},
                {"experiment", e.program.decl(sweep->experiment).name.text},
                {"repeat", sweep->repeat},
                {"points", std::move(points)}}};
}

/// What `path` names inside a value; nullptr after a diagnostic.
const eval::Value* inside(eval::Evaluator& e, const eval::Value* value, const std::string& path) {
  size_t at = path.find('.');
  while (at != std::string::npos) {
    const size_t end = path.find('.', at + 1);
    const std::string name = path.substr(at + 1, end == std::string::npos ? end : end - at - 1);
    const auto* record = value->shared<eval::Record>();
    value = record == nullptr ? nullptr : eval::field(e, *record, name);
    if (value == nullptr) {
      std::vector<std::string> known;
      if (record != nullptr) {
        for (const check::Field& field :
             e.program.schema(e.program.types[record->type].index).fields)
          known.push_back(field.name);
      }
      e.program.sink.add(Kind::unknown_field, {},
                         "`" + path.substr(0, at) + "` has no field `" + name + "`" +
                             check::did_you_mean(name, known));
      return nullptr;
    }
    at = end;
  }
  return value;
}

bool is_block(plan::Front& front, Symbol symbol, Known which) {
  const std::vector<Symbol> blocks = contracts::blocks_of(front.program, which);
  return std::find(blocks.begin(), blocks.end(), symbol) != blocks.end();
}

}  // namespace

std::optional<Shown> show(plan::Front& front, Symbol symbol, const std::string& path) {
  eval::Evaluator& e = *front.evaluator;
  if (is_block(front, symbol, Known::Experiment)) return show_experiment(e, symbol);
  if (is_block(front, symbol, Known::Sweep)) return show_sweep(e, symbol);
  const auto value = eval::evaluate_declaration(e, symbol);
  if (!value) return std::nullopt;
  const eval::Value* found = inside(e, &*value, path);
  if (found == nullptr) return std::nullopt;
  return Shown{text_of(e, path, *found), plan::value_json(e, *found)};
}

std::optional<Shown> show_all(plan::Front& front) {
  Shown all{"", ordered_json::object()};
  for (const ast::DeclId id : front.program.module(front.program.main()).tree.decls) {
    const Symbol symbol{front.program.main(), id};
    const ast::Decl& decl = front.program.decl(symbol);
    const auto* block = std::get_if<ast::BlockDecl>(&decl.node);
    const bool waits = block != nullptr && block->has_parameters &&
                       (!is_block(front, symbol, Known::Experiment) ||
                        !eval::has_all_parameters(*front.evaluator, symbol));
    if (waits || (block == nullptr && !std::holds_alternative<ast::LetDecl>(decl.node))) continue;
    const auto one = show(front, symbol, decl.name.text);
    if (!one) continue;
    all.text += one->text;
    all.data[decl.name.text] = one->data;
  }
  return all;
}

}  // namespace rexp::driver
