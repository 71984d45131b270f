// Mixtures: tasks with whole copies (3x) or shares (44%). A mixture is the one open record: its fields are tasks. Whether its weights
// make sense is looked at when the whole is known, by the contracts.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

/// The task that a line of a mixture names.
std::shared_ptr<const Task> named_task(Evaluator& e, const Scope& scope, const ast::Name& name) {
  Maybe value;
  if (const Environment* local = find(scope.names, name.text)) {
    value = local->value;
  } else if (const auto symbol = e.program.lookup(scope.module, name.text)) {
    value = evaluate_declaration(e, *symbol);
    if (!value) return nullptr;
  }
  const auto* task = value ? std::get_if<std::shared_ptr<const Task>>(&value->data) : nullptr;
  if (task != nullptr) return *task;
  report(e, Kind::wrong_type, name.span,
         "a mixture is made of tasks, `" + name.text + "` is " +
             (value ? "a " + described(e, *value) : std::string("unknown")));
  return nullptr;
}

bool add_entry(Evaluator& e, const Scope& scope, const ast::Item& item, Mixture& mixture) {
  const ast::Name& name = item.path[0];
  const Span span = span_of(e, scope, item.value);
  auto entry = std::find_if(mixture.entries.begin(), mixture.entries.end(),
                            [&](const MixtureEntry& one) { return one.name == name.text; });
  const bool known = entry != mixture.entries.end();
  const bool total = name.text == "total" && !known && find(scope.names, name.text) == nullptr &&
                     !e.program.lookup(scope.module, name.text);
  const Maybe weight = evaluate(e, scope, item.value);
  if (!weight) return false;
  const auto* amount = weight->as<Amount>();
  if (amount == nullptr) {
    not_constant(e, "`" + name.text + "`", *weight, span);
    return false;
  }
  if (total) {
    mixture.total = amount->number;
    return true;
  }
  const auto task = known ? entry->task : named_task(e, scope, name);
  if (!task) return false;
  MixtureEntry made{name.text, task, amount->number, amount->unit == TypeKind::ratio, span};
  if (known) made.origins = std::move(entry->origins);
  made.origins.push_back({known ? Origin::Kind::with : Origin::Kind::declaration, span});
  if (known) {
    *entry = std::move(made);
  } else {
    mixture.entries.push_back(std::move(made));
  }
  return true;
}

}  // namespace

Maybe make_mixture(Evaluator& e, ast::BodyId body, const Mixture* start, const Place& place) {
  Mixture mixture;
  if (start != nullptr) mixture = *start;
  const ast::Body& written = tree(e, place.scope.module)[body];
  mixture.span = written.span;
  Scope scope = place.scope;
  for (const ast::Item& item : written.items) {
    if (item.kind == ast::Item::Kind::let || item.kind == ast::Item::Kind::require) {
      if (!run_local(e, &scope, item)) return std::nullopt;
      continue;
    }
    if (item.kind != ast::Item::Kind::assign || item.path.size() != 1)
      return fail(e, Kind::wrong_type, item.span,
                  "a mixture holds lines of the form `task = 3x` or `task = 44%`");
    if (!add_entry(e, scope, item, mixture)) return std::nullopt;
  }
  return shared_value(std::move(mixture));
}

namespace intrinsic {

Maybe copies(Evaluator& e, std::vector<Value>& a, const Place& place) {
  Mixture mixture;
  mixture.span = place.span;
  const auto number = number_of(a[0]);
  const auto* tasks = elements_of(a[1]);
  if (!number || tasks == nullptr) return not_constant(e, "`copies`", a[0], place.span);
  for (const Value& one : *tasks) {
    const auto& task = std::get<std::shared_ptr<const Task>>(one.data);
    const std::string name =
        task->name.empty() ? "task" + std::to_string(mixture.entries.size() + 1) : task->name;
    mixture.entries.push_back(
        {name, task, *number, false, place.span, {{Origin::Kind::declaration, place.span}}});
  }
  return shared_value(std::move(mixture));
}

Maybe mixture_share(Evaluator& e, std::vector<Value>& a, const Place& place) {
  const auto* mixture = a[0].shared<Mixture>();
  if (mixture == nullptr) return std::nullopt;
  double share = 0;
  bool copies = false;
  for (const MixtureEntry& entry : mixture->entries) {
    const bool same = equal(e, Value{entry.task}, a[1]);
    copies = copies || !entry.share;
    if (same) share += entry.share ? entry.weight : 1;
  }
  const bool known = !copies || share == 0 || mixture->entries.size() == 1;
  if (known) return Value{Amount{TypeKind::ratio, share}};
  return make(e, e.intrinsics[Intrinsic::mixture_share], {a[0], a[1]}, place);
}

}  // namespace intrinsic

}  // namespace rexp::eval
