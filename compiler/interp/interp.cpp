#include "compiler/interp/interp.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "runtime/abi/row_helpers.h"
#include "runtime/base/assert.h"

namespace rexp::interp {
namespace {

using row::Expr;
using row::ExprId;
using row::Kind;
using row::Op;
using row::Stmt;
using row::StmtId;
using row::StmtOp;
using Value = RexpPair;
using List = std::vector<Value>;

Value of(int64_t a) { return {a, 0}; }
Value of(double real) { return {std::bit_cast<int64_t>(real), 0}; }
Value of(const RexpText& text) { return {std::bit_cast<int64_t>(text.data), text.size}; }
RexpText text_of(Value v) { return {std::bit_cast<const char*>(v.a), v.b}; }
int64_t wrap(uint64_t bits) { return static_cast<int64_t>(bits); }
uint64_t raw(Value v) { return static_cast<uint64_t>(v.a); }

/// The bits of a result. There is one NaN, whatever sign the machine gave it.
int64_t result_bits(double x) {
  return std::bit_cast<int64_t>(std::isnan(x) ? std::numeric_limits<double>::quiet_NaN() : x);
}

int64_t floor_to_integer(double x) {
  if (std::isnan(x)) return 0;
  x = std::floor(x);
  if (x >= 0x1p63) return std::numeric_limits<int64_t>::max();
  if (x < -0x1p63) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(x);
}

class Interpreter {
 public:
  Interpreter(const row::RowFunction& function, const RexpRowContext& context, const int64_t* row,
              uint64_t stream, RexpSink* sink)
      : f_(function),
        context_(context),
        row_(row),
        stream_(stream),
        sink_(sink),
        vars_(static_cast<size_t>(function.vars)) {}

  int32_t run() {
    switch (f_.kind) {
      case row::FunctionKind::renderer: body(f_.body); break;
      case row::FunctionKind::text: append(f_.result); break;
      case row::FunctionKind::predicate: sink_->value = value(f_.result).a; break;
      case row::FunctionKind::real_function: sink_->value = result_bits(real(f_.result)); break;
    }
    return REXP_OK;
  }

 private:
  const Expr& at(ExprId id) const { return f_.exprs[static_cast<size_t>(id)]; }
  Value& var(int64_t number) { return vars_[static_cast<size_t>(number)]; }
  Kind kind(ExprId id) const { return at(id).type.kind; }

  // ---- statements; false = a stop was met -------------------------------------------------------------------------

  bool body(const std::vector<StmtId>& stmts) {
    return std::all_of(stmts.begin(), stmts.end(),
                       [&](StmtId id) { return stmt(f_.stmts[static_cast<size_t>(id)]); });
  }

  bool stmt(const Stmt& s) {
    const uint8_t trained = s.masked ? 0 : 1;
    switch (s.op) {
      case StmtOp::print: print(s.expr, trained); return true;
      case StmtOp::for_each: return for_each(s);
      case StmtOp::if_: return body(s.bodies[value(s.expr).a != 0 ? 0 : 1]);
      case StmtOp::choose: return choose(s);
      case StmtOp::special:
        rexp_rk_emit(sink_, static_cast<int32_t>(s.number), trained, 0);
        return true;
      case StmtOp::ids:
        rexp_rk_emit_ids(sink_, s.ids.data(), static_cast<int64_t>(s.ids.size()), trained);
        return true;
      case StmtOp::flush: rexp_rk_flush(&context_, sink_, trained); return true;
      case StmtOp::stop:
        if (s.number >= 0) rexp_rk_emit_open(sink_, &context_.sids[s.number], trained);
        return false;
      case StmtOp::turn: break;
    }
    REXP_ASSERT(false, "a row function is run before the chat format is woven in");
  }

  void print(ExprId id, uint8_t trained) {
    if (kind(id) != Kind::sid) return append(id);
    const Value sid = value(id);
    rexp_rk_emit_sid(sink_, &context_.sids[sid.b], sid.a, trained);
  }

  bool for_each(const Stmt& s) {
    bool first = true;
    for (Value element : list(s.expr)) {
      if (!first && !body(s.bodies[1])) return false;
      first = false;
      var(s.number) = element;
      if (!body(s.bodies[0])) return false;
    }
    return true;
  }

  bool choose(const Stmt& s) {
    std::vector<double> cumulative;
    double sum = 0;
    for (double weight : s.weights) cumulative.push_back(sum += weight);
    const int64_t drawn =
        rexp_rk_choose(stream_, static_cast<uint64_t>(s.number), cumulative.data(),
                       static_cast<int64_t>(cumulative.size()));
    var(s.number) = of(drawn);
    return body(s.bodies[static_cast<size_t>(drawn)]);
  }

  // ---- texts ------------------------------------------------------------------------------------------------------

  void append_value(Kind kind, Value v) {
    if (kind == Kind::integer) return rexp_rk_text_int(sink_, v.a);
    if (kind == Kind::real) return rexp_rk_text_float(sink_, std::bit_cast<double>(v.a));
    rexp_rk_text(sink_, text_of(v).data, v.b);
  }

  /// Appends a text or a number to the pending text.
  void append(ExprId id) {
    const Expr& e = at(id);
    if (e.op == Op::concat) {
      for (ExprId arg : e.args) append(arg);
    } else if (e.op == Op::join) {
      const Value separator = value(e.args[1]);
      bool first = true;
      for (Value element : list(e.args[0])) {
        if (!first) append_value(Kind::text, separator);
        first = false;
        append_value(at(e.args[0]).type.element, element);
      }
    } else {
      append_value(e.type.kind, value(id));
    }
  }

  Value built_text(ExprId id) {
    const int64_t mark = rexp_rk_text_mark(sink_);
    append(id);
    RexpText text;
    rexp_rk_text_take(sink_, mark, &text);
    return of(text);
  }

  Value text_in(const RexpColumn& c, int64_t index) const {
    const int64_t begin = c.text_offsets[index];
    return of(
        RexpText{static_cast<const char*>(c.data) + begin, c.text_offsets[index + 1] - begin});
  }

  // ---- scalars ----------------------------------------------------------------------------------------------------

  double real(ExprId id) {
    const Value v = value(id);
    return kind(id) == Kind::real ? std::bit_cast<double>(v.a) : static_cast<double>(v.a);
  }

  Value value(ExprId id) {
    const Expr& e = at(id);
    switch (e.op) {
      case Op::const_int:
      case Op::const_bool: return of(e.number);
      case Op::const_real: return of(e.real);
      case Op::const_text: return of(RexpText{e.text.data(), static_cast<int64_t>(e.text.size())});
      case Op::param: return of(row_[e.number]);
      case Op::var: return var(e.number);
      case Op::column:
      case Op::item_of: return column(context_.columns[e.number], value(e.args[0]).a);
      case Op::sid: return {value(e.args[0]).a, e.number};
      case Op::length: return of(length(e.args[0]));
      case Op::contains: return of(int64_t{contains(e)});
      case Op::concat:
      case Op::join: return built_text(id);
      case Op::eq: return of(int64_t{equal(e.args[0], e.args[1])});
      case Op::ne: return of(int64_t{!equal(e.args[0], e.args[1])});
      case Op::lt: return of(int64_t{less(e.args[0], e.args[1])});
      case Op::le: return of(int64_t{less_or_equal(e.args[0], e.args[1])});
      case Op::and_:
        return of(int64_t{
            std::all_of(e.args.begin(), e.args.end(), [&](ExprId a) { return value(a).a != 0; })});
      case Op::or_:
        return of(int64_t{
            std::any_of(e.args.begin(), e.args.end(), [&](ExprId a) { return value(a).a != 0; })});
      case Op::not_: return of(int64_t{value(e.args[0]).a == 0});
      case Op::if_: return value(e.args[value(e.args[0]).a != 0 ? 1 : 2]);
      case Op::to_real: return of(real(e.args[0]));
      case Op::floor:
        return e.type.kind == Kind::real ? of(std::floor(real(e.args[0]))) : of(floored(e.args[0]));
      default:
        return e.type.kind == Kind::real ? of(real_arithmetic(e)) : of(integer_arithmetic(e));
    }
  }

  int64_t floored(ExprId id) {
    return kind(id) == Kind::real ? floor_to_integer(real(id)) : value(id).a;
  }

  Value column(const RexpColumn& c, int64_t index) const {
    REXP_ASSERT(index >= 0 && index < c.rows, "a column is read outside its table");
    if (c.kind == REXP_COLUMN_INT) return of(static_cast<const int64_t*>(c.data)[index]);
    if (c.kind == REXP_COLUMN_FLOAT) return of(static_cast<const double*>(c.data)[index]);
    return text_in(c, index);
  }

  int64_t length(ExprId id) {
    if (kind(id) == Kind::list) return static_cast<int64_t>(list(id).size());
    const RexpText text = text_of(value(id));
    return rexp_rk_text_length(&text);
  }

  bool contains(const Expr& e) {
    const Value wanted = value(e.args[1]);
    const Kind element = kind(e.args[1]);
    const List all = list(e.args[0]);
    return std::any_of(all.begin(), all.end(),
                       [&](Value v) { return equal_values(element, v, wanted); });
  }

  static int32_t compare(Value a, Value b) {
    const RexpText x = text_of(a), y = text_of(b);
    return rexp_rk_text_compare(&x, &y);
  }

  static bool equal_values(Kind kind, Value a, Value b) {
    if (kind == Kind::text) return compare(a, b) == 0;
    if (kind == Kind::real) return std::bit_cast<double>(a.a) == std::bit_cast<double>(b.a);
    return a.a == b.a && a.b == b.b;
  }

  bool mixed(ExprId a, ExprId b) const { return kind(a) == Kind::real || kind(b) == Kind::real; }

  bool equal(ExprId a, ExprId b) {
    if (mixed(a, b)) return real(a) == real(b);
    return equal_values(kind(a), value(a), value(b));
  }
  bool less(ExprId a, ExprId b) {
    if (mixed(a, b)) return real(a) < real(b);
    if (kind(a) == Kind::text) return compare(value(a), value(b)) < 0;
    return value(a).a < value(b).a;
  }
  bool less_or_equal(ExprId a, ExprId b) {
    if (mixed(a, b)) return real(a) <= real(b);
    if (kind(a) == Kind::text) return compare(value(a), value(b)) <= 0;
    return value(a).a <= value(b).a;
  }

  double real_arithmetic(const Expr& e) {
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
      case Op::pow: return rexp_rk_pow(x, y);
      default: REXP_ASSERT(false, "an operation that gives no real");
    }
  }

  int64_t integer_arithmetic(const Expr& e) {
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

  // ---- lists ------------------------------------------------------------------------------------------------------

  List list(ExprId id) {
    const Expr& e = at(id);
    List out;
    switch (e.op) {
      case Op::range:
        for (int64_t i = row_[e.number]; i < row_[e.number + 1]; ++i) out.push_back(of(i));
        return out;
      case Op::column: return texts_of(context_.columns[e.number], value(e.args[0]).a);
      case Op::make_list:
        for (ExprId arg : e.args) out.push_back(value(arg));
        return out;
      case Op::first:
      case Op::last: return cut(e);
      case Op::most_common: return most_common(e);
      case Op::if_: return list(e.args[value(e.args[0]).a != 0 ? 1 : 2]);
      case Op::map:
      case Op::filter:
      case Op::flat_map: break;
      default: REXP_ASSERT(false, "an operation that gives no list");
    }
    for (Value element : list(e.args[0])) {
      var(e.number) = element;
      if (e.op == Op::map) {
        out.push_back(value(e.args[1]));
      } else if (e.op == Op::filter) {
        if (value(e.args[1]).a != 0) out.push_back(element);
      } else {
        const List inner = list(e.args[1]);
        out.insert(out.end(), inner.begin(), inner.end());
      }
    }
    return out;
  }

  List texts_of(const RexpColumn& c, int64_t index) const {
    REXP_ASSERT(index >= 0 && index < c.rows, "a column is read outside its table");
    List out;
    for (int64_t i = c.list_offsets[index]; i < c.list_offsets[index + 1]; ++i)
      out.push_back(text_in(c, i));
    return out;
  }

  List cut(const Expr& e) {
    const List all = list(e.args[0]);
    const auto size = static_cast<int64_t>(all.size());
    const int64_t n = std::clamp<int64_t>(value(e.args[1]).a, 0, size);
    return e.op == Op::first ? List(all.begin(), all.begin() + n) : List(all.end() - n, all.end());
  }

  List most_common(const Expr& e) {
    List texts = list(e.args[0]);
    const auto size = static_cast<int64_t>(texts.size());
    const RexpList in{texts.data(), size, size};
    RexpList out{};
    rexp_rk_most_common(sink_, &in, value(e.args[1]).a, &out);
    return List(out.data, out.data + out.size);
  }

  const row::RowFunction& f_;
  const RexpRowContext& context_;
  const int64_t* row_;
  uint64_t stream_;
  RexpSink* sink_;
  std::vector<Value> vars_;
};

}  // namespace

int32_t run(const row::RowFunction& function, const RexpRowContext& context, const int64_t* row,
            uint64_t stream, RexpSink* sink) {
  return Interpreter(function, context, row, stream, sink).run();
}

}  // namespace rexp::interp
