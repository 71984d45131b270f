// `if` and `match`. A condition that is known takes one branch; one that is read from a row keeps both.
#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::ExprId;
using row::Op;

namespace {

/// What a condition read from a row chooses where a branch stands for itself. Inside a list or a record no example is chosen: there
/// nothing has looked at what the condition reads.
Maybe choose_branch(Evaluator& e, const Scope& scope, const Value& condition, const Value& then,
                    const Value& otherwise, Span span) {
  const auto *a = then.shared<Example>(), *b = otherwise.shared<Example>();
  if (a == nullptr || b == nullptr)
    return choose_between(e, scope, condition, then, otherwise, span);
  return choose_example(e, scope, condition, *a, *b, span);
}

/// A value of this kind that nobody looks at.
Value nothing(const Scope& scope, row::Type type) {
  row::RowBuilder& builder = *scope.row;
  switch (type.kind) {
    case row::Kind::boolean: return row_value(scope, builder.constant(false));
    case row::Kind::real: return row_value(scope, builder.constant(0.0));
    case row::Kind::text: return row_value(scope, builder.constant(std::string()));
    case row::Kind::list: return row_value(scope, builder.add(Op::make_list, type));
    default: return row_value(scope, builder.constant(int64_t{0}));
  }
}

/// What stands for the value of a missing one: zero, an empty text or list; of items the value that is there.
Maybe stand_in(Evaluator& e, const Scope& scope, const Value& present, Span span) {
  if (present.shared<Record>() != nullptr || present.shared<RowRecord>() != nullptr) return present;
  const auto id = lift(e, scope, present, span);
  if (!id) return std::nullopt;
  const row::Type type = scope.row->type(*id);
  const bool index =
      type.kind == row::Kind::item || type.kind == row::Kind::event || type.kind == row::Kind::sid;
  return index ? present : nothing(scope, type);
}

Maybe choose_optional(Evaluator& e, const Scope& scope, const Value& condition, const Value& then,
                      const Value& otherwise, Span span) {
  auto present = [](const Value& v) {
    const auto* optional = v.shared<RowOptional>();
    return optional != nullptr ? *optional->present : Value{v.as<None>() == nullptr};
  };
  auto inside = [](const Value& v) -> Maybe {
    if (v.as<None>() != nullptr) return std::nullopt;
    const auto* optional = v.shared<RowOptional>();
    return optional != nullptr ? *optional->value : v;
  };
  Maybe yes = inside(then), no = inside(otherwise);
  if (!yes && !no) return Value{None{}};
  if (!yes) yes = stand_in(e, scope, *no, span);
  if (!no && yes) no = stand_in(e, scope, *yes, span);
  if (!yes || !no) return std::nullopt;
  const Maybe there = choose_between(e, scope, condition, present(then), present(otherwise), span);
  const Maybe value = there ? choose_between(e, scope, condition, *yes, *no, span) : std::nullopt;
  if (!value) return std::nullopt;
  return shared_value(
      RowOptional{std::make_shared<const Value>(*there), std::make_shared<const Value>(*value)});
}

Maybe choose_record(Evaluator& e, const Scope& scope, const Value& condition, const Record& then,
                    const Record& otherwise, Span span) {
  Record out = then;
  for (size_t i = 0; i < out.fields.size(); ++i) {
    Maybe value = choose_between(e, scope, condition, *then.fields[i].value,
                                 *otherwise.fields[i].value, span);
    if (!value) return std::nullopt;
    out.fields[i].value = std::make_shared<const Value>(std::move(*value));
  }
  return shared_value(std::move(out));
}

Maybe choose_row_record(Evaluator& e, const Scope& scope, const Value& condition,
                        const RowRecord& then, const RowRecord& otherwise, Span span) {
  RowRecord out = then;
  for (size_t i = 0; i < out.fields.size(); ++i) {
    Maybe value = choose_between(e, scope, condition, then.fields[i].second,
                                 otherwise.fields[i].second, span);
    if (!value) return std::nullopt;
    out.fields[i].second = std::move(*value);
  }
  return shared_value(std::move(out));
}

bool scalar(const Value& value) {
  return value.as<Row>() != nullptr || value.as<bool>() != nullptr || number_of(value) ||
         value.as<std::string>() != nullptr || value.as<EnumValue>() != nullptr ||
         elements_of(value) != nullptr || value.shared<Choice>() != nullptr;
}

Maybe choose_scalar(Evaluator& e, const Scope& scope, const Value& condition, const Value& then,
                    const Value& otherwise, Span span) {
  const auto test = lift(e, scope, condition, span);
  if (!test) return std::nullopt;
  auto sides = lift_both(e, scope, then, otherwise, span);
  if (!sides) return std::nullopt;
  row::RowBuilder& builder = *scope.row;
  const row::Type yes = builder.type(sides->first), no = builder.type(sides->second);
  const bool mixed = (yes.kind == row::Kind::real && no.kind == row::Kind::integer) ||
                     (yes.kind == row::Kind::integer && no.kind == row::Kind::real);
  const row::Type type = mixed ? row::Type{row::Kind::real} : yes;
  auto branch = [&](ExprId id) {
    const bool convert = mixed && builder.type(id).kind == row::Kind::integer;
    return convert ? builder.add(Op::to_real, type, {id}) : id;
  };
  const auto *r = then.as<Row>(), *s = otherwise.as<Row>();
  const int32_t table = r != nullptr ? r->table : s != nullptr ? s->table : -1;
  const bool tables_differ = r != nullptr && s != nullptr && r->table != s->table;
  if ((!mixed && !(yes == no)) || tables_differ)
    return fail(e, Kind::not_in_row_function, span,
                "the branches are a " + described(e, then) + " and a " + described(e, otherwise) +
                    (tables_differ ? " of different catalogues" : "") +
                    ", which cannot be chosen between per example");
  return row_value(scope,
                   builder.add(Op::if_, type, {*test, branch(sides->first), branch(sides->second)}),
                   table);
}

Maybe evaluate_condition(Evaluator& e, const Scope& scope, ast::ExprId id) {
  Maybe condition = evaluate(e, scope, id);
  if (condition && counted(e, *condition))
    return not_constant(e, "a condition", *condition, span_of(e, scope, id));
  return condition;
}

}  // namespace

Maybe choose_between(Evaluator& e, const Scope& scope, const Value& condition, const Value& then,
                     const Value& otherwise, Span span) {
  if (const auto* known = condition.as<bool>()) return *known ? then : otherwise;
  const auto *x = elements_of(then), *y = elements_of(otherwise);
  if (x != nullptr && y != nullptr && x->empty() && y->empty()) return then;
  auto optional = [](const Value& v) {
    return v.as<None>() != nullptr || v.shared<RowOptional>() != nullptr;
  };
  if (optional(then) || optional(otherwise))
    return choose_optional(e, scope, condition, then, otherwise, span);
  const auto *a = then.shared<Record>(), *b = otherwise.shared<Record>();
  if (a != nullptr && b != nullptr && a->fields.size() == b->fields.size() && a->type == b->type)
    return choose_record(e, scope, condition, *a, *b, span);
  const auto *c = then.shared<RowRecord>(), *d = otherwise.shared<RowRecord>();
  if (c != nullptr && d != nullptr && c->fields.size() == d->fields.size())
    return choose_row_record(e, scope, condition, *c, *d, span);
  if (scalar(then) && scalar(otherwise))
    return choose_scalar(e, scope, condition, then, otherwise, span);
  if (!reads_row(then) && !reads_row(otherwise) && equal(e, then, otherwise)) return then;
  return fail(e, Kind::not_in_row_function, span,
              "the branches are a " + described(e, then) + " and a " + described(e, otherwise) +
                  ", which cannot be chosen between per example");
}

Maybe evaluate_if(Evaluator& e, const Scope& scope, const ast::If& node) {
  const Maybe condition = evaluate_condition(e, scope, node.condition);
  if (!condition) return std::nullopt;
  if (const auto* known = condition->as<bool>())
    return evaluate(e, scope, *known ? node.then : node.otherwise);
  const Maybe then = evaluate(e, scope, node.then);
  const Maybe otherwise = then ? evaluate(e, scope, node.otherwise) : std::nullopt;
  if (!otherwise) return std::nullopt;
  return choose_branch(e, scope, *condition, *then, *otherwise, span_of(e, scope, node.condition));
}

Maybe evaluate_match(Evaluator& e, const Scope& scope, const ast::Match& node, Span span) {
  const Maybe subject = node.subject ? evaluate(e, scope, *node.subject) : Value{};
  if (!subject) return std::nullopt;
  struct Taken {
    Value condition, result;
    Span span;
  };
  std::vector<Taken> arms;
  Maybe out;
  for (const ast::Arm& arm : node.arms) {
    Maybe condition = Value{true};
    const Span at = arm.condition ? span_of(e, scope, *arm.condition) : span;
    if (arm.condition) condition = evaluate_condition(e, scope, *arm.condition);
    if (arm.condition && node.subject && condition)
      condition = compare(e, ast::BinaryOp::eq, *subject, *condition, {scope, at, {}});
    if (!condition) return std::nullopt;
    const auto* known = condition->as<bool>();
    if (known != nullptr && !*known) continue;
    Maybe result = evaluate(e, scope, arm.value);
    if (!result) return std::nullopt;
    if (known != nullptr) {
      out = std::move(result);
      break;
    }
    arms.push_back({std::move(*condition), std::move(*result), at});
  }
  if (!out && !arms.empty()) {
    // check has made sure that the arms cover every value, so the last one holds where no other does.
    out = arms.back().result;
    arms.pop_back();
  }
  if (!out)
    return fail(e, Kind::wrong_type, span, "no arm of this `match` is sure to hold",
                "end with `else => …`");
  for (auto arm = arms.rbegin(); arm != arms.rend() && out; ++arm)
    out = choose_branch(e, scope, arm->condition, arm->result, *out, arm->span);
  return out;
}

}  // namespace rexp::eval
