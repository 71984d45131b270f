// Values put in place of others by name: `--set tune.length=100 steps`, and the axes of a sweep. check has made sure that every path
// leads somewhere and that the types fit.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

bool is_parameter(const Evaluator& e, const std::string& name) {
  const auto experiment = e.program.lookup(e.program.main(), e.settings.experiment);
  const auto* block =
      experiment ? std::get_if<ast::BlockDecl>(&e.program.decl(*experiment).node) : nullptr;
  return block != nullptr &&
         std::any_of(block->parameters.begin(), block->parameters.end(),
                     [&](const ast::Parameter& p) { return p.name.text == name; });
}

struct Goal {
  Symbol symbol;
  size_t depth = 1;  // of the path, behind the declaration's name
};

/// The declaration that an assignment's path begins with.
Goal goal_of(const Evaluator& e, const Assigned& assignment) {
  const ModuleId main = e.program.main();
  const std::string& first = assignment.path[0].text;
  if (const auto symbol = e.program.lookup(main, first)) return {*symbol, 1};
  const auto& aliases = e.program.module(main).aliases;
  const auto alias = aliases.find(first);
  if (alias == aliases.end() || assignment.path.size() < 2) return {};
  const auto symbol = e.program.exported(alias->second, assignment.path[1].text);
  return symbol ? Goal{*symbol, 2} : Goal{};
}

Maybe update_mixture(Evaluator& e, const Mixture& mixture, const Assigned& assignment, size_t depth,
                     Origin::Kind kind) {
  const Scope scope{assignment.module, nullptr, nullptr};
  const Maybe weight = assigned_value(e, assignment);
  if (!weight) return std::nullopt;
  const auto* amount = weight->as<Amount>();
  const ast::Name& name = assignment.path[depth];
  Mixture copy = mixture;
  copy.span = span_of(e, scope, assignment.value);
  for (MixtureEntry& entry : copy.entries) {
    if (entry.name != name.text || amount == nullptr) continue;
    entry.weight = amount->number;
    entry.share = amount->unit == TypeKind::ratio;
    entry.span = copy.span;
    entry.origins.push_back({kind, copy.span});
    return shared_value(std::move(copy));
  }
  if (amount != nullptr && name.text == "total") {
    copy.total = amount->number;
    return shared_value(std::move(copy));
  }
  return fail(e, Kind::bad_override, name.span, "the mixture has no task `" + name.text + "`");
}

/// `value` with what the rest of the path names put in.
Maybe update(Evaluator& e, const Value& value, const Assigned& assignment, size_t depth,
             Origin::Kind kind) {
  const Scope scope{assignment.module, nullptr, nullptr};
  const Span span = span_of(e, scope, assignment.value);
  if (depth == assignment.path.size()) return assigned_value(e, assignment);
  if (const auto* mixture = value.shared<Mixture>())
    return update_mixture(e, *mixture, assignment, depth, kind);
  const auto* record = value.shared<Record>();
  const ast::Name& name = assignment.path[depth];
  if (record == nullptr)
    return fail(e, Kind::bad_override, name.span,
                "`" + name.text + "` cannot be set here, there is a " + described(e, value) +
                    " without fields");
  Record copy = *record;
  const std::string owner =
      "`" +
      (record->name.empty() ? e.program.schema(e.program.types[record->type].index).name
                            : record->name) +
      "`";
  if (const Value* inner = field(e, *record, name.text);
      inner != nullptr && inner->shared<Mixture>()) {
    const Maybe below = update(e, *inner, assignment, depth + 1, kind);
    if (!below) return std::nullopt;
    const ast::Path path = {name};
    auto make = [&](RecordField& target) -> Maybe {
      target.origins.push_back({kind, span});
      return below;
    };
    if (!assign_field(e, copy, path, 0, kind, make, owner)) return std::nullopt;
  } else {
    auto make = [&](RecordField& target) -> Maybe {
      target.origins.push_back({kind, span});
      return assigned_value(e, assignment);
    };
    if (!assign_field(e, copy, assignment.path, depth, kind, make, owner)) return std::nullopt;
  }
  if (!fill_defaults(e, copy, owner, span) || !check_conditions(e, copy, owner))
    return std::nullopt;
  return shared_value(std::move(copy));
}

}  // namespace

Maybe assigned_value(Evaluator& e, const Assigned& assignment) {
  Maybe value = evaluate(e, {assignment.module, nullptr, nullptr}, assignment.value);
  if (!value || assignment.element < 0) return value;
  const auto* elements = elements_of(*value);
  const auto at = static_cast<size_t>(assignment.element);
  return elements != nullptr && at < elements->size() ? Maybe((*elements)[at]) : std::nullopt;
}

bool is_assigned_parameter(const Evaluator& e, const std::string& name) {
  return is_parameter(e, name) &&
         std::any_of(e.settings.assignments.begin(), e.settings.assignments.end(),
                     [&](const Assigned& a) { return a.path[0].text == name; });
}

Maybe assigned_parameter(Evaluator& e, const std::string& name, Maybe value) {
  for (size_t i = 0; i < e.settings.assignments.size(); ++i) {
    const Assigned& assignment = e.settings.assignments[i];
    if (assignment.path[0].text != name) continue;
    if (!value && assignment.path.size() > 1) return std::nullopt;
    const Origin::Kind kind = i < e.settings.axes ? Origin::Kind::axis : Origin::Kind::set;
    value = update(e, value ? *value : Value{}, assignment, 1, kind);
    if (!value) return std::nullopt;
  }
  return value;
}

Maybe assigned(Evaluator& e, Symbol symbol, Value value) {
  const auto* callable = value.as<Callable>();
  if (callable != nullptr && callable->symbol == symbol)
    return value;  // applied to what its calls make
  for (size_t i = 0; i < e.settings.assignments.size(); ++i) {
    const Assigned& assignment = e.settings.assignments[i];
    if (is_parameter(e, assignment.path[0].text)) continue;
    const Goal goal = goal_of(e, assignment);
    if (!(goal.symbol == symbol)) continue;
    const Origin::Kind kind = i < e.settings.axes ? Origin::Kind::axis : Origin::Kind::set;
    Maybe changed = update(e, value, assignment, goal.depth, kind);
    if (!changed) return std::nullopt;
    value = std::move(*changed);
  }
  return value;
}

}  // namespace rexp::eval
