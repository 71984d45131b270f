// Operators. Two constants give a constant, anything else an expression of the row function. A chain a + b + c leans to the left as
// deep as it is long, so it is walked and not recursed into.
#include "compiler/eval/constructs.h"

namespace rexp::eval {
using ast::BinaryOp;
using row::Op;

namespace {

std::optional<int64_t> whole_arithmetic(BinaryOp op, int64_t x, int64_t y) {
  int64_t result = 0;
  const bool overflow = op == BinaryOp::add   ? __builtin_add_overflow(x, y, &result)
                        : op == BinaryOp::sub ? __builtin_sub_overflow(x, y, &result)
                                              : __builtin_mul_overflow(x, y, &result);
  return overflow ? std::nullopt : std::optional(result);
}

double real_arithmetic(BinaryOp op, double x, double y) {
  switch (op) {
    case BinaryOp::add: return x + y;
    case BinaryOp::sub: return x - y;
    case BinaryOp::mul: return x * y;
    default: return x / y;
  }
}

bool amount_with_unit(const Value& value) {
  const auto* amount = value.as<Amount>();
  return amount != nullptr && amount->unit != TypeKind::ratio;
}

/// What two numbers make: a whole number, a real one, or an amount with a unit.
TypeKind result_kind(Evaluator& e, BinaryOp op, const Value& a, const Value& b, TypeId type) {
  const TypeKind kind = e.program.types.kind(type);
  if (check::is_amount(kind)) return kind;
  const bool additive = op == BinaryOp::add || op == BinaryOp::sub;
  if (amount_with_unit(a) && !(op == BinaryOp::div && amount_with_unit(b)))
    return a.as<Amount>()->unit;
  if (amount_with_unit(b) && op == BinaryOp::mul) return b.as<Amount>()->unit;
  if (additive && a.as<Amount>() != nullptr && b.as<Amount>() != nullptr) return TypeKind::ratio;
  auto whole = [](const Value& v) {
    const auto* row = v.as<Row>();
    return v.as<int64_t>() != nullptr ||
           (row != nullptr && row->builder->type(row->expr).kind == row::Kind::integer);
  };
  return op != BinaryOp::div && whole(a) && whole(b) ? TypeKind::integer : TypeKind::real;
}

Maybe row_arithmetic(Evaluator& e, BinaryOp op, const Value& a, const Value& b, TypeKind kind,
                     const Place& place) {
  const auto left = lift(e, place.scope, a, place.span);
  const auto right = left ? lift(e, place.scope, b, place.span) : std::nullopt;
  if (!right) return std::nullopt;
  const Op code = op == BinaryOp::add   ? Op::add
                  : op == BinaryOp::sub ? Op::sub
                  : op == BinaryOp::mul ? Op::mul
                                        : Op::div;
  row::RowBuilder& builder = *place.scope.row;
  const bool whole = kind == TypeKind::integer && op != BinaryOp::div &&
                     builder.type(*left).kind == row::Kind::integer &&
                     builder.type(*right).kind == row::Kind::integer;
  return row_value(place.scope, builder.add(code, {whole ? row::Kind::integer : row::Kind::real},
                                            {*left, *right}));
}

/// Lists, tasks and rows one after the other; nothing when `a` is none of them.
Maybe concatenation(Evaluator& e, const Value& a, const Value& b, const Place& place) {
  const auto *x = elements_of(a), *y = elements_of(b);
  if (x != nullptr && y != nullptr) {
    if (!spend(e, place.span, x->size() + y->size())) return std::nullopt;
    std::vector<Value> all = *x;
    all.insert(all.end(), y->begin(), y->end());
    return list_value(std::move(all));
  }
  const auto *first = a.shared<Task>(), *second = b.shared<Task>();
  if (first != nullptr && second != nullptr) {
    if (!spend(e, place.span, first->parts.size() + second->parts.size())) return std::nullopt;
    Task task = *first;
    task.name.clear();
    task.parts.insert(task.parts.end(), second->parts.begin(), second->parts.end());
    task.span = place.span;
    return shared_value(std::move(task));
  }
  const Maybe left = as_rows(e, a, place), right = left ? as_rows(e, b, place) : std::nullopt;
  if (!right || !check_alike(e, *left, *right, place.span)) return std::nullopt;
  const Symbol symbol = e.program.schema(e.program.known(Known::Rows)).symbol;
  const TypeId type = left->shared<Made>() == nullptr ? place.type : left->shared<Made>()->type;
  return made_value(e, Made{symbol, type, {{"a", *left}, {"b", *right}}, place.span});
}

Maybe step(Evaluator& e, const ast::Binary& node, const Value& left, const Place& place) {
  switch (node.op) {
    case BinaryOp::in: return evaluate_in(e, left, node, place);
    case BinaryOp::is: return evaluate_is(e, left, node, place);
    case BinaryOp::and_:
    case BinaryOp::or_: {
      const auto* known = left.as<bool>();
      if (known != nullptr && *known == (node.op == BinaryOp::or_)) return left;
      Maybe right = evaluate(e, place.scope, node.right);
      if (known != nullptr || !right) return right;
      return both(e, node.op, left, *right, place);
    }
    default: break;
  }
  const Maybe right = evaluate(e, place.scope, node.right);
  if (!right) return std::nullopt;
  switch (node.op) {
    case BinaryOp::eq:
    case BinaryOp::ne:
    case BinaryOp::lt:
    case BinaryOp::le:
    case BinaryOp::gt:
    case BinaryOp::ge: return compare(e, node.op, left, *right, place);
    case BinaryOp::range: return shared_value(Range{{left, *right}});
    default: return arithmetic(e, node.op, left, *right, place);
  }
}

}  // namespace

Maybe arithmetic(Evaluator& e, BinaryOp op, const Value& a, const Value& b, const Place& place) {
  for (const Value* side : {&a, &b}) {
    if (counted(e, *side)) return not_constant(e, "an operand", *side, place.span);
  }
  const bool numbers = (number_of(a) || a.as<Row>() != nullptr) && !row_list(a) &&
                       (number_of(b) || b.as<Row>() != nullptr) && !row_list(b);
  if (op == BinaryOp::add && !numbers) {
    if (row_list(a) != nullptr || row_list(b) != nullptr)
      return fail(e, Kind::not_in_row_function, place.span,
                  "lists are not joined with `+` per example");
    return concatenation(e, a, b, place);
  }
  const TypeKind kind = result_kind(e, op, a, b, place.type);
  if (a.as<Row>() != nullptr || b.as<Row>() != nullptr)
    return row_arithmetic(e, op, a, b, kind, place);
  const auto *i = a.as<int64_t>(), *j = b.as<int64_t>();
  if (i != nullptr && j != nullptr && op != BinaryOp::div && kind != TypeKind::real) {
    if (const auto whole = whole_arithmetic(op, *i, *j)) return Value{*whole};
    return fail(e, Kind::condition_fails, place.span, "the result does not fit in 64 bits");
  }
  const auto x = number_of(a), y = number_of(b);
  if (!x || !y)
    return fail(e, Kind::wrong_type, place.span,
                "an operator needs numbers, found a " + described(e, x ? b : a));
  if (op == BinaryOp::div && *y == 0)
    return fail(e, Kind::condition_fails, place.span, "division by zero");
  const double result = real_arithmetic(op, *x, *y);
  const bool plain = kind == TypeKind::real || kind == TypeKind::integer || kind == TypeKind::seed;
  return plain ? Value{result} : Value{Amount{kind, result}};
}

Maybe evaluate_binary(Evaluator& e, ast::ExprId id, const ast::Binary& node, const Place& place) {
  const ast::Module& module = tree(e, place.scope.module);
  std::vector<ast::ExprId> spine = {id};
  ast::ExprId leftmost = node.left;
  while (const auto* inner = std::get_if<ast::Binary>(&module[leftmost].node)) {
    spine.push_back(leftmost);
    leftmost = inner->left;
  }
  Maybe value = evaluate(e, place.scope, leftmost);
  for (auto link = spine.rbegin(); link != spine.rend() && value; ++link) {
    const check::ExprInfo& info = e.typed.at(place.scope.module, *link);
    const Span span = module[*link].span;
    if (!spend(e, span)) return std::nullopt;
    value =
        step(e, std::get<ast::Binary>(module[*link].node), *value, {place.scope, span, info.type});
    if (value && *link != id && info.wanted.index != 0)
      value = convert(e, std::move(*value), info.wanted, {place.scope, span, info.wanted});
  }
  return value;
}

Maybe evaluate_unary(Evaluator& e, const ast::Unary& node, const Place& place) {
  const Maybe operand = evaluate(e, place.scope, node.operand);
  if (!operand) return std::nullopt;
  if (node.op == ast::UnaryOp::not_) return negate(e, *operand, place);
  if (counted(e, *operand)) return not_constant(e, "an operand", *operand, place.span);
  if (const auto* whole = operand->as<int64_t>()) return Value{-*whole};
  if (const auto* real = operand->as<double>()) return Value{-*real};
  if (const auto* amount = operand->as<Amount>())
    return Value{Amount{amount->unit, -amount->number}};
  const auto inner = lift(e, place.scope, *operand, place.span);
  if (!inner) return std::nullopt;
  row::RowBuilder& builder = *place.scope.row;
  return row_value(place.scope, builder.add(Op::neg, builder.type(*inner), {*inner}));
}

}  // namespace rexp::eval
