// Functions of numbers. Constants are computed with the very functions that row functions call.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/eval/constructs.h"
#include "runtime/abi/row_helpers.h"

namespace rexp::eval {
using row::Op;

namespace {

using Values = std::vector<Value>;

Maybe unary(Evaluator& e, const Values& a, Op op, double (*function)(double) noexcept,
            const Place& place) {
  if (counted(e, a[0])) return not_constant(e, "an argument", a[0], place.span);
  if (const auto x = number_of(a[0])) return Value{function(*x)};
  const auto inner = lift(e, place.scope, a[0], place.span);
  if (!inner) return std::nullopt;
  return row_value(place.scope, place.scope.row->add(op, {row::Kind::real}, {*inner}));
}

int64_t whole_below(double x) {  // as Op::floor: saturating, 0 for what is no number
  if (std::isnan(x)) return 0;
  x = std::floor(x);
  if (x >= 0x1p63) return std::numeric_limits<int64_t>::max();
  if (x < -0x1p63) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(x);
}

/// min and max: of whole numbers a whole one, of amounts one of that unit.
Maybe extreme(Evaluator& e, const Values& a, Op op, const Place& place) {
  for (const Value& side : a) {
    if (counted(e, side)) return not_constant(e, "an argument", side, place.span);
  }
  const auto x = number_of(a[0]), y = number_of(a[1]);
  if (x && y) {
    const bool second = op == Op::min ? *y < *x : *x < *y;
    const Value& chosen = a[second ? 1 : 0];
    const bool mixed = a[0].data.index() != a[1].data.index();
    return mixed ? Value{second ? *y : *x} : chosen;
  }
  const auto left = lift(e, place.scope, a[0], place.span);
  const auto right = left ? lift(e, place.scope, a[1], place.span) : std::nullopt;
  if (!right) return std::nullopt;
  row::RowBuilder& builder = *place.scope.row;
  const bool whole = builder.type(*left).kind == row::Kind::integer &&
                     builder.type(*right).kind == row::Kind::integer;
  return row_value(place.scope, builder.add(op, {whole ? row::Kind::integer : row::Kind::real},
                                            {*left, *right}));
}

}  // namespace

namespace intrinsic {

Maybe cos(Evaluator& e, Values& a, const Place& place) {
  return unary(e, a, Op::cos, rexp_rk_cos, place);
}
Maybe exp(Evaluator& e, Values& a, const Place& place) {
  return unary(e, a, Op::exp, rexp_rk_exp, place);
}
Maybe log(Evaluator& e, Values& a, const Place& place) {
  return unary(e, a, Op::log, rexp_rk_log, place);
}
Maybe log2(Evaluator& e, Values& a, const Place& place) {
  return unary(e, a, Op::log2, rexp_rk_log2, place);
}

Maybe pow(Evaluator& e, Values& a, const Place& place) {
  const auto x = number_of(a[0]), y = number_of(a[1]);
  if (x && y) return Value{rexp_rk_pow(*x, *y)};
  const auto left = lift(e, place.scope, a[0], place.span);
  const auto right = left ? lift(e, place.scope, a[1], place.span) : std::nullopt;
  if (!right) return std::nullopt;
  return row_value(place.scope, place.scope.row->add(Op::pow, {row::Kind::real}, {*left, *right}));
}

Maybe floor(Evaluator& e, Values& a, const Place& place) {
  if (counted(e, a[0])) return not_constant(e, "an argument", a[0], place.span);
  if (const auto* whole = a[0].as<int64_t>()) return Value{*whole};
  if (const auto x = number_of(a[0])) return Value{whole_below(*x)};
  const auto inner = lift(e, place.scope, a[0], place.span);
  if (!inner) return std::nullopt;
  return row_value(place.scope, place.scope.row->add(Op::floor, {row::Kind::integer}, {*inner}));
}

Maybe min(Evaluator& e, Values& a, const Place& place) { return extreme(e, a, Op::min, place); }
Maybe max(Evaluator& e, Values& a, const Place& place) { return extreme(e, a, Op::max, place); }

}  // namespace intrinsic

}  // namespace rexp::eval
