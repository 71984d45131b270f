// Comparisons, `in`, `is`, `and`, `or`, `not`.
#include "compiler/eval/constructs.h"
#include "runtime/abi/row_helpers.h"

namespace rexp::eval {
using ast::BinaryOp;
using row::Op;

namespace {

Value decided(BinaryOp op, double x, double y) {
  switch (op) {
    case BinaryOp::lt: return Value{x < y};
    case BinaryOp::le: return Value{x <= y};
    case BinaryOp::gt: return Value{x > y};
    default: return Value{x >= y};
  }
}

/// What the run makes of two values is known when it has made it: a trained model is no value that could be compared.
bool made_by_the_run(const Value& value) { return value.shared<Made>() != nullptr; }

Maybe compare_known(Evaluator& e, BinaryOp op, const Value& a, const Value& b, const Place& place) {
  for (const Value* side : {&a, &b}) {
    if (!made_by_the_run(*side)) continue;
    if (place.scope.row != nullptr)
      return fail(e, Kind::not_in_row_function, place.span,
                  "a " + described(e, *side) + " cannot be compared per example");
    return not_constant(e, "a comparison", *side, place.span);
  }
  if (op == BinaryOp::eq) return Value{equal(e, a, b)};
  if (op == BinaryOp::ne) return Value{!equal(e, a, b)};
  const auto *s = a.as<std::string>(), *t = b.as<std::string>();
  if (s != nullptr && t != nullptr) {
    const RexpText left{s->data(), static_cast<int64_t>(s->size())};
    const RexpText right{t->data(), static_cast<int64_t>(t->size())};
    return decided(op, rexp_rk_text_compare(&left, &right), 0);
  }
  const auto *i = a.as<int64_t>(), *j = b.as<int64_t>();
  if (i != nullptr && j != nullptr) return decided(op, *i < *j ? -1 : *i > *j ? 1 : 0, 0);
  const auto x = number_of(a), y = number_of(b);
  if (x && y) return decided(op, *x, *y);
  return fail(e, Kind::wrong_type, place.span,
              "a " + described(e, a) + " and a " + described(e, b) + " have no order");
}

Maybe row_comparison(Evaluator& e, BinaryOp op, const Value& a, const Value& b,
                     const Place& place) {
  for (const Value* side : {&a, &b}) {
    if (row_list(*side) != nullptr || elements_of(*side) != nullptr ||
        side->shared<RowRecord>() != nullptr || side->shared<Record>() != nullptr)
      return fail(e, Kind::not_in_row_function, place.span,
                  "a " + described(e, *side) + " cannot be compared per example");
  }
  auto sides = lift_both(e, place.scope, a, b, place.span);
  if (!sides) return std::nullopt;
  const bool swapped = op == BinaryOp::gt || op == BinaryOp::ge;
  const Op code = op == BinaryOp::eq                         ? Op::eq
                  : op == BinaryOp::ne                       ? Op::ne
                  : op == BinaryOp::lt || op == BinaryOp::gt ? Op::lt
                                                             : Op::le;
  if (swapped) std::swap(sides->first, sides->second);
  return row_value(place.scope,
                   place.scope.row->add(code, {row::Kind::boolean}, {sides->first, sides->second}));
}

/// Whether two values that may be missing are equal.
Maybe optional_equal(Evaluator& e, const Value& a, const Value& b, const Place& place) {
  const auto *x = a.shared<RowOptional>(), *y = b.shared<RowOptional>();
  const Value present_a = x != nullptr ? *x->present : Value{a.as<None>() == nullptr};
  const Value present_b = y != nullptr ? *y->present : Value{b.as<None>() == nullptr};
  const Maybe same_state = compare(e, BinaryOp::eq, present_a, present_b, place);
  if (!same_state) return std::nullopt;
  const bool none = a.as<None>() != nullptr || b.as<None>() != nullptr;
  if (none) return same_state;
  const Maybe same =
      compare(e, BinaryOp::eq, x != nullptr ? *x->value : a, y != nullptr ? *y->value : b, place);
  const Maybe absent = same ? negate(e, present_a, place) : std::nullopt;
  const Maybe either = absent ? both(e, BinaryOp::or_, *absent, *same, place) : std::nullopt;
  return either ? both(e, BinaryOp::and_, *same_state, *either, place) : std::nullopt;
}

}  // namespace

Maybe negate(Evaluator& e, const Value& flag, const Place& place) {
  if (const auto* known = flag.as<bool>()) return Value{!*known};
  if (counted(e, flag)) return not_constant(e, "a condition", flag, place.span);
  const auto inner = lift(e, place.scope, flag, place.span);
  if (!inner) return std::nullopt;
  return row_value(place.scope, place.scope.row->add(Op::not_, {row::Kind::boolean}, {*inner}));
}

Maybe both(Evaluator& e, BinaryOp op, const Value& a, const Value& b, const Place& place) {
  const bool decides = op == BinaryOp::or_;  // `true or x`, `false and x`
  if (const auto* known = a.as<bool>()) return *known == decides ? a : b;
  if (const auto* known = b.as<bool>()) return *known == decides ? b : a;
  const auto* trie = a.shared<Made>();
  if (trie != nullptr && e.program.is(trie->type, Known::Trie)) return cut_trie(e, a, b, place);
  for (const Value* side : {&a, &b}) {
    if (counted(e, *side)) return not_constant(e, "a condition", *side, place.span);
  }
  const auto left = lift(e, place.scope, a, place.span);
  const auto right = left ? lift(e, place.scope, b, place.span) : std::nullopt;
  if (!right) return std::nullopt;
  return row_value(place.scope, place.scope.row->add(op == BinaryOp::and_ ? Op::and_ : Op::or_,
                                                     {row::Kind::boolean}, {*left, *right}));
}

Maybe compare(Evaluator& e, BinaryOp op, const Value& a, const Value& b, const Place& place) {
  for (const Value* side : {&a, &b}) {
    if (counted(e, *side)) return not_constant(e, "what is compared", *side, place.span);
  }
  const bool equality = op == BinaryOp::eq || op == BinaryOp::ne;
  const bool optional = a.shared<RowOptional>() != nullptr || b.shared<RowOptional>() != nullptr ||
                        a.as<None>() != nullptr || b.as<None>() != nullptr;
  if (equality && optional) {
    const Maybe same = optional_equal(e, a, b, place);
    return same && op == BinaryOp::ne ? negate(e, *same, place) : same;
  }
  if (!reads_row(a) && !reads_row(b)) return compare_known(e, op, a, b, place);
  return row_comparison(e, op, a, b, place);
}

Maybe evaluate_in(Evaluator& e, const Value& needle, const ast::Binary& node, const Place& place) {
  const Maybe hay = evaluate(e, place.scope, node.right);
  if (!hay) return std::nullopt;
  const auto* range = hay->shared<Range>();
  if (range == nullptr) return contains(e, place.scope, *hay, needle, place.span);
  if (counted(e, needle))
    return not_constant(e, "what is compared", needle, span_of(e, place.scope, node.left));
  const Maybe low = compare(e, BinaryOp::ge, needle, range->ends[0], place);
  const Maybe high = low ? compare(e, BinaryOp::le, needle, range->ends[1], place) : std::nullopt;
  return high ? both(e, BinaryOp::and_, *low, *high, place) : std::nullopt;
}

Maybe evaluate_is(Evaluator& e, const Value& subject, const ast::Binary& node, const Place& place) {
  const auto* choice = subject.shared<Choice>();
  const check::Target& target = e.typed.at(place.scope.module, node.right).target;
  if (choice == nullptr || target.kind != check::Target::Kind::option) {
    const Maybe right = evaluate(e, place.scope, node.right);
    return right ? compare(e, BinaryOp::eq, subject, *right, place) : std::nullopt;
  }
  if (choice->known >= 0) return Value{choice->known == target.index};
  int64_t position = -1;  // among the variants that can be drawn
  for (size_t i = 0; i < choice->offered.size(); ++i) {
    if (choice->offered[i] == target.index) position = static_cast<int64_t>(i);
  }
  if (position < 0) return Value{false};
  row::RowBuilder& builder = *place.scope.row;
  const row::ExprId drawn = builder.add(Op::var, {row::Kind::integer}, {}, choice->var);
  const row::ExprId wanted = builder.constant(position);
  return row_value(place.scope, builder.add(Op::eq, {row::Kind::boolean}, {drawn, wanted}));
}

}  // namespace rexp::eval
