// Mixtures: tasks with whole copies (3x) or shares (44%), never both. A mixture is the one open record: its fields are tasks.
#include <algorithm>
#include <cmath>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/show.h"

namespace rexp::elaborate {
using diagnostics::Kind;

Value Elaborator::task_value(TaskValue task) {
  return value(domain("Task"), std::make_shared<const TaskValue>(std::move(task)));
}
Value Elaborator::mixture_value(MixtureValue mixture) {
  return value(domain("Mixture"), std::make_shared<const MixtureValue>(std::move(mixture)));
}

void Elaborator::mixture_item(const Scope& scope, const ast::Item& item, MixtureValue& mixture,
                              const MixtureValue* start) {
  const ast::Name& name = item.path[0];
  const Span span = tree(scope.module)[item.value].span;
  auto entry = std::find_if(mixture.entries.begin(), mixture.entries.end(),
                            [&](const MixtureEntry& e) { return e.name == name.text; });
  const bool known_task = entry != mixture.entries.end();
  if (name.text == "total" && !known_task) {
    const Value total = coerce(eval(scope, item.value), type(TypeKind::row_count), "`total`", span);
    if (const auto rows = number_of(total)) mixture.total = *rows;
    return;
  }
  std::shared_ptr<const TaskValue> task;
  if (known_task) {
    if (start == nullptr) {
      report(Kind::duplicate_name, name.span, "task `" + name.text + "` is in the mixture twice");
      return;
    }
    task = entry->task;
  } else {
    const Value v = eval_name(scope, ast::NameRef{name}, name.span, domain("Task"));
    if (is_error(v)) return;
    if (v.shared<TaskValue>() == nullptr) {
      report(Kind::wrong_type, name.span,
             "a mixture is made of tasks, `" + name.text + "` is a " + described(v.type));
      return;
    }
    task = std::get<std::shared_ptr<const TaskValue>>(v.data);
  }
  const TypeId weight = types().either({type(TypeKind::copies), type(TypeKind::ratio)});
  const Value v = coerce(eval(scope, item.value), weight, "`" + name.text + "`", span);
  const auto number = number_of(v);
  if (!number) return;
  if (*number <= 0) {
    report(Kind::bad_mixture, span,
           "the weight of task `" + name.text + "` is " + show(v) + ", it has to be above zero");
    return;
  }
  MixtureEntry made{name.text, task, *number, types().kind(v.type) == TypeKind::ratio, span};
  if (known_task) {
    *entry = std::move(made);
  } else {
    mixture.entries.push_back(std::move(made));
  }
}

Value Elaborator::make_mixture(const Scope& scope, const Body& body, const MixtureValue* start,
                               const std::string&) {
  MixtureValue mixture;
  if (start != nullptr) mixture = *start;
  const ast::Body& written = tree(body.first)[body.second];
  mixture.span = written.span;
  const size_t errors = program_.sink.size();
  for (const ast::Item& item : written.items) {
    if (item.kind != ast::Item::Kind::assign || item.path.size() != 1) {
      report(Kind::wrong_type, item.span,
             "a mixture holds lines of the form `task = 3x` or `task = 44%`");
      continue;
    }
    mixture_item(scope, item, mixture, start);
  }
  if (program_.sink.size() != errors) return failed();
  if (mixture.entries.empty()) {
    report(Kind::bad_mixture, written.span, "mixture is empty, it needs at least one task");
    return failed();
  }
  check_mixture(mixture, written.span);
  return program_.sink.size() == errors ? mixture_value(std::move(mixture)) : failed();
}

void Elaborator::check_mixture(const MixtureValue& mixture, Span span) {
  const MixtureEntry* copy = nullptr;
  const MixtureEntry* share = nullptr;
  double sum = 0;
  for (const MixtureEntry& entry : mixture.entries) {
    (entry.share ? share : copy) = &entry;
    sum += entry.share ? entry.weight : 0;
  }
  if (copy != nullptr && share != nullptr) {
    auto& error = report(Kind::copies_and_shares, share->span,
                         "mixture has copies (`" + source_text(copy->span) + "`) and shares (`" +
                             source_text(share->span) + "`)");
    error.secondary.push_back({copy->span, "copies"});
    error.help = "write all of them in one way";
  } else if (share != nullptr && std::abs(sum - 1) > 1e-6) {
    report(Kind::bad_mixture, span,
           "the shares add up to " + show_amount(sum, TypeKind::ratio) + ", 100% is required");
  }
}

Value Elaborator::mixture_share(const MixtureValue& mixture, const Scope& scope,
                                const std::vector<ast::Argument>& arguments, Span span) {
  const auto given = member_arguments("share", scope, arguments, {"task"}, span);
  if (!given || !(*given)[0]) return failed();
  const auto* task = (*given)[0]->shared<TaskValue>();
  if (task == nullptr) {
    report(Kind::wrong_type, span,
           "`share` asks for a task, found a " + described((*given)[0]->type));
    return failed();
  }
  for (const MixtureEntry& entry : mixture.entries) {
    if (entry.name != task->name) continue;
    if (entry.share) return value(type(TypeKind::ratio), entry.weight);
    return not_yet("share of a mixture of copies", span);  // needs the counts of all tasks
  }
  return value(type(TypeKind::ratio), 0.0);
}

}  // namespace rexp::elaborate
