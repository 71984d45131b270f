// Between values and row expressions: which types exist in row functions, and how a constant becomes a part of one.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::ExprId;
using row::Op;

std::optional<row::Type> row_type(Evaluator& e, TypeId type) {
  const check::TypeNode& node = e.program.types[type];
  switch (node.kind) {
    case TypeKind::boolean: return row::Type{row::Kind::boolean};
    case TypeKind::integer:
    case TypeKind::seed:
    case TypeKind::enum_: return row::Type{row::Kind::integer};
    case TypeKind::real:
    case TypeKind::ratio: return row::Type{row::Kind::real};
    case TypeKind::text: return row::Type{row::Kind::text};
    case TypeKind::labelled: return row_type(e, node.arguments[0]);
    case TypeKind::record:
      if (e.program.is(type, Known::Event)) return row::Type{row::Kind::event};
      if (e.program.is(type, Known::Item)) return row::Type{row::Kind::item};
      if (e.program.is(type, Known::Sid)) return row::Type{row::Kind::sid};
      if (e.program.is(type, Known::WindowId)) return row::Type{row::Kind::text};
      return std::nullopt;
    case TypeKind::list: {
      const std::optional<row::Type> element = row_type(e, node.arguments[0]);
      if (!element || element->kind == row::Kind::list) return std::nullopt;
      return row::Type{row::Kind::list, element->kind};
    }
    default: return std::nullopt;
  }
}

row::RowBuilder* builder_of(Evaluator& e, const Scope& scope, const Row& row, Span span) {
  if (scope.row == row.builder && scope.row != nullptr) return scope.row;
  report(
      e, Kind::not_in_row_function, span,
      scope.row == nullptr ? "there is no row here" : "this belongs to a row of another function")
      .help = "a function of rows reads its own row only";
  return nullptr;
}

Value row_value(const Scope& scope, ExprId expr, int32_t table) {
  return Value{Row{scope.row, expr, table, false}};
}

ExprId item_of(const Scope& scope, ExprId expr, int32_t table) {
  return scope.row->type(expr).kind == row::Kind::event ? scope.row->item_of(table, expr) : expr;
}

Value element_of(const Scope& scope, const Row& list, int64_t var) {
  const row::Type type{scope.row->type(list.expr).element};
  const ExprId element = scope.row->add(Op::var, type, {}, var);
  return row_value(scope, list.items ? item_of(scope, element, list.table) : element, list.table);
}

namespace {

std::optional<ExprId> lift_row(Evaluator& e, const Scope& scope, const Row& row, Span span) {
  row::RowBuilder* builder = builder_of(e, scope, row, span);
  if (builder == nullptr) return std::nullopt;
  if (!row.items) return row.expr;
  const int64_t var = builder->variable();
  const ExprId item = element_of(scope, row, var).as<Row>()->expr;
  return builder->add(Op::map, {row::Kind::list, row::Kind::item}, {row.expr, item}, var);
}

std::optional<ExprId> lift_list(Evaluator& e, const Scope& scope, const std::vector<Value>& list,
                                Span span, row::Type hint) {
  std::vector<ExprId> elements;
  bool real = hint.element == row::Kind::real;
  for (const Value& element : list) {
    const std::optional<ExprId> id = lift(e, scope, element, span);
    if (!id) return std::nullopt;
    real = real || scope.row->type(*id).kind == row::Kind::real;
    elements.push_back(*id);
  }
  row::Type type{row::Kind::list, hint.element};
  for (ExprId& id : elements) {
    if (real && scope.row->type(id).kind == row::Kind::integer)
      id = scope.row->add(Op::to_real, {row::Kind::real}, {id});
    type.element = scope.row->type(id).kind;
  }
  if (type.element == row::Kind::none || type.element == row::Kind::list)
    return fail(e, Kind::not_in_row_function, span,
                type.element == row::Kind::none
                    ? "what this empty list holds is not known"
                    : "this is a list of lists, which does not exist per example");
  return scope.row->add(Op::make_list, type, std::move(elements));
}

}  // namespace

std::optional<ExprId> lift(Evaluator& e, const Scope& scope, const Value& value, Span span,
                           row::Type hint) {
  if (const auto* row = value.as<Row>()) return lift_row(e, scope, *row, span);
  if (scope.row == nullptr) return fail(e, Kind::not_in_row_function, span, "there is no row here");
  row::RowBuilder& builder = *scope.row;
  if (const auto* flag = value.as<bool>()) return builder.constant(*flag);
  if (const auto* whole = value.as<int64_t>())
    return hint.kind == row::Kind::real ? builder.constant(static_cast<double>(*whole))
                                        : builder.constant(*whole);
  if (const auto* real = value.as<double>()) return builder.constant(*real);
  if (const auto* amount = value.as<Amount>()) return builder.constant(amount->number);
  if (const auto* chars = value.as<std::string>()) return builder.constant(*chars);
  if (const auto* name = value.as<EnumValue>())
    return builder.constant(static_cast<int64_t>(name->index));
  if (const auto* elements = elements_of(value)) return lift_list(e, scope, *elements, span, hint);
  if (const auto* choice = value.shared<Choice>()) {
    const Maybe text = text_of_choice(e, scope, *choice, span);
    return text ? lift(e, scope, *text, span) : std::nullopt;
  }
  return fail(e, Kind::not_in_row_function, span,
              "a " + described(e, value) + " does not exist per example");
}

std::optional<std::pair<ExprId, ExprId>> lift_both(Evaluator& e, const Scope& scope, const Value& a,
                                                   const Value& b, Span span) {
  const auto *x = elements_of(a), *y = elements_of(b);
  if (x != nullptr && x->empty() &&
      (y == nullptr || !y->empty())) {  // the other says what it holds
    auto sides = lift_both(e, scope, b, a, span);
    if (sides) std::swap(sides->first, sides->second);
    return sides;
  }
  std::optional<ExprId> left = lift(e, scope, a, span);
  if (!left) return std::nullopt;
  const bool list = scope.row->type(*left).kind == row::Kind::list;
  std::optional<ExprId> right =
      lift(e, scope, b, span, list ? scope.row->type(*left) : row::Type{});
  if (!right) return std::nullopt;
  const row::Kind kind = scope.row->type(*left).kind, other = scope.row->type(*right).kind;
  if (kind == row::Kind::event && other == row::Kind::item)
    left = item_of(scope, *left, a.as<Row>()->table);
  if (kind == row::Kind::item && other == row::Kind::event)
    right = item_of(scope, *right, b.as<Row>()->table);
  return std::pair(*left, *right);
}

}  // namespace rexp::eval
