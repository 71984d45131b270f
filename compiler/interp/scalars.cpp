#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/interp/interpreter.h"
#include "runtime/base/assert.h"

namespace rexp::interp {

using row::Expr;
using row::ExprId;
using row::Kind;
using row::Op;

namespace {

int64_t wrap(uint64_t bits) { return static_cast<int64_t>(bits); }
uint64_t raw(Value v) { return static_cast<uint64_t>(v.a); }

int64_t floor_to_integer(double x) {
  if (std::isnan(x)) return 0;
  x = std::floor(x);
  if (x >= 0x1p63) return std::numeric_limits<int64_t>::max();
  if (x < -0x1p63) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(x);
}

int32_t compare(Value a, Value b) {
  const RexpText x = text_of(a), y = text_of(b);
  return rexp_rk_text_compare(&x, &y);
}

}  // namespace

bool equal_values(Kind kind, Value a, Value b) {
  if (kind == Kind::text) return compare(a, b) == 0;
  if (kind == Kind::real) return std::bit_cast<double>(a.a) == std::bit_cast<double>(b.a);
  return a.a == b.a && a.b == b.b;
}

double Interpreter::real(ExprId id) {
  const Value v = value(id);
  return kind(id) == Kind::real ? std::bit_cast<double>(v.a) : static_cast<double>(v.a);
}

Value Interpreter::value(ExprId id) {
  if (!sharing_.shared(f_, id)) return compute(at(id));
  Value& kept = values_[static_cast<size_t>(id)];
  if (fresh(id)) kept = compute(at(id));
  return kept;
}

Value Interpreter::compute(const Expr& e) {
  const auto holds = [&](ExprId a) { return value(a).a != 0; };
  const auto truth = [](bool b) { return of(int64_t{b}); };
  switch (e.op) {
    case Op::const_int:
    case Op::const_bool: return of(e.number);
    case Op::const_real: return of(e.real);
    case Op::const_text: return of(RexpText{e.text.data(), static_cast<int64_t>(e.text.size())});
    case Op::param: return of(row_[e.number]);
    case Op::var: return var(e.number);
    case Op::column:
    case Op::item_of: return column(e);
    case Op::sid: return {value(e.args[0]).a, e.number};
    case Op::known: return truth(value(e.args[0]).a >= 0);
    case Op::length: return of(length(e.args[0]));
    case Op::contains: return truth(contains(e));
    case Op::concat:
    case Op::join: return built_text(e);
    case Op::eq: return truth(equal(e.args[0], e.args[1]));
    case Op::ne: return truth(!equal(e.args[0], e.args[1]));
    case Op::lt: return truth(less(e.args[0], e.args[1]));
    case Op::le: return truth(less_or_equal(e.args[0], e.args[1]));
    case Op::and_: return truth(std::all_of(e.args.begin(), e.args.end(), holds));
    case Op::or_: return truth(std::any_of(e.args.begin(), e.args.end(), holds));
    case Op::not_: return truth(!holds(e.args[0]));
    case Op::if_: return value(e.args[holds(e.args[0]) ? 1 : 2]);
    case Op::to_real: return of(real(e.args[0]));
    case Op::floor:
      return e.type.kind == Kind::real ? of(std::floor(real(e.args[0]))) : of(floored(e.args[0]));
    default: return e.type.kind == Kind::real ? of(real_arithmetic(e)) : of(integer_arithmetic(e));
  }
}

int64_t Interpreter::floored(ExprId id) {
  return kind(id) == Kind::real ? floor_to_integer(real(id)) : value(id).a;
}

Value Interpreter::column(const Expr& e) {
  const RexpColumn& c = context_.columns[e.number];
  const int64_t index = value(e.args[0]).a;
  if (index < 0 || index >= c.rows) return of(int64_t{e.op == Op::item_of ? -1 : 0});
  if (c.kind == REXP_COLUMN_INT) return of(static_cast<const int64_t*>(c.data)[index]);
  if (c.kind == REXP_COLUMN_FLOAT) return of(static_cast<const double*>(c.data)[index]);
  return text_in(c, index);
}

int64_t Interpreter::length(ExprId id) {
  if (kind(id) == Kind::list) return static_cast<int64_t>(list(id).size());
  const RexpText text = text_of(value(id));
  return rexp_rk_text_length(&text);
}

bool Interpreter::contains(const Expr& e) {
  const Value wanted = value(e.args[1]);
  const Kind element = kind(e.args[1]);
  const List all = list(e.args[0]);
  return std::any_of(all.begin(), all.end(),
                     [&](Value v) { return equal_values(element, v, wanted); });
}

bool Interpreter::mixed(ExprId a, ExprId b) const {
  return kind(a) == Kind::real || kind(b) == Kind::real;
}

bool Interpreter::equal(ExprId a, ExprId b) {
  if (mixed(a, b)) return real(a) == real(b);
  return equal_values(kind(a), value(a), value(b));
}
bool Interpreter::less(ExprId a, ExprId b) {
  if (mixed(a, b)) return real(a) < real(b);
  if (kind(a) == Kind::text) return compare(value(a), value(b)) < 0;
  return value(a).a < value(b).a;
}
bool Interpreter::less_or_equal(ExprId a, ExprId b) {
  if (mixed(a, b)) return real(a) <= real(b);
  if (kind(a) == Kind::text) return compare(value(a), value(b)) <= 0;
  return value(a).a <= value(b).a;
}

double Interpreter::real_arithmetic(const Expr& e) {
  const double x = real(e.args[0]);
  const double y = e.args.size() > 1 ? real(e.args[1]) : 0;
  switch (e.op) {
    case Op::add: return x + y;
    case Op::sub: return x - y;
    case Op::mul: return x * y;
    case Op::div: return x / y;
    case Op::neg: return -x;
    case Op::min: return y < x ? y : x;
    case Op::max: return x < y ? y : x;
    case Op::cos: return rexp_rk_cos(x);
    case Op::exp: return rexp_rk_exp(x);
    case Op::log: return rexp_rk_log(x);
    case Op::log2: return rexp_rk_log2(x);
    case Op::pow: return rexp_rk_pow(x, y);
    default: REXP_ASSERT(false, "an operation that gives no real");
  }
}

int64_t Interpreter::integer_arithmetic(const Expr& e) {
  const Value x = value(e.args[0]);
  const Value y = e.args.size() > 1 ? value(e.args[1]) : of(int64_t{0});
  switch (e.op) {
    case Op::add: return wrap(raw(x) + raw(y));
    case Op::sub: return wrap(raw(x) - raw(y));
    case Op::mul: return wrap(raw(x) * raw(y));
    case Op::neg: return wrap(0 - raw(x));
    case Op::min: return std::min(x.a, y.a);
    case Op::max: return std::max(x.a, y.a);
    default: REXP_ASSERT(false, "an operation that gives no integer");
  }
}

}  // namespace rexp::interp
