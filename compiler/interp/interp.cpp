#include "compiler/interp/interp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "compiler/interp/interpreter.h"
#include "runtime/base/assert.h"

namespace rexp::interp {

using row::Expr;
using row::ExprId;
using row::Kind;
using row::Op;
using row::Stmt;
using row::StmtId;
using row::StmtOp;

namespace {

/// The bits of a result. There is one NaN, whatever sign the machine gave it.
int64_t result_bits(double x) {
  return std::bit_cast<int64_t>(std::isnan(x) ? std::numeric_limits<double>::quiet_NaN() : x);
}

}  // namespace

Interpreter::Interpreter(const row::RowFunction& function, const row::Sharing& sharing,
                         const RexpRowContext& context, const int64_t* row, uint64_t stream,
                         RexpSink* sink)
    : f_(function),
      sharing_(sharing),
      context_(context),
      row_(row),
      stream_(stream),
      sink_(sink),
      vars_(static_cast<size_t>(function.vars)),
      bound_at_(vars_.size(), 0),
      computed_at_(function.exprs.size(), -1),
      values_(function.exprs.size()),
      lists_(function.exprs.size()) {}

int32_t Interpreter::run() {
  switch (f_.kind) {
    case row::FunctionKind::renderer:
      draw_choices();
      body(f_.body);
      break;
    case row::FunctionKind::text: append(f_.result); break;
    case row::FunctionKind::predicate:
    case row::FunctionKind::integer_function: sink_->value = value(f_.result).a; break;
    case row::FunctionKind::real_function: sink_->value = result_bits(real(f_.result)); break;
  }
  return REXP_OK;
}

// ---- what is shared is computed once per binding of the variables it reads --------------------------------------------------

void Interpreter::bind(int64_t number, Value value) {
  var(number) = value;
  bound_at_[static_cast<size_t>(number)] = ++time_;
}

/// True where a shared expression has to be computed (again): a variable it reads has been bound since.
bool Interpreter::fresh(ExprId id) {
  int64_t latest = 0;
  for (int64_t number : sharing_.reads[static_cast<size_t>(id)])
    latest = std::max(latest, bound_at_[static_cast<size_t>(number)]);
  return std::exchange(computed_at_[static_cast<size_t>(id)], latest) != latest;
}

// ---- statements ---------------------------------------------------------------------------------------------------------

void Interpreter::draw_choices() {
  for (const Stmt& s : f_.stmts) {
    if (s.op != StmtOp::choose) continue;
    std::vector<double> cumulative;
    double sum = 0;
    for (double weight : s.weights) cumulative.push_back(sum += weight);
    bind(s.number, of(rexp_rk_choose(stream_, static_cast<uint64_t>(s.number), cumulative.data(),
                                     static_cast<int64_t>(cumulative.size()))));
  }
}

bool Interpreter::body(const std::vector<StmtId>& stmts) {
  return std::all_of(stmts.begin(), stmts.end(),
                     [&](StmtId id) { return stmt(f_.stmts[static_cast<size_t>(id)]); });
}

bool Interpreter::stmt(const Stmt& s) {
  const uint8_t trained = s.masked ? 0 : 1;
  switch (s.op) {
    case StmtOp::print: print(s.expr, trained); return true;
    case StmtOp::for_each: return for_each(s);
    case StmtOp::if_: return body(s.bodies[value(s.expr).a != 0 ? 0 : 1]);
    case StmtOp::choose: return body(s.bodies[static_cast<size_t>(var(s.number).a)]);
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

void Interpreter::print(ExprId id, uint8_t trained) {
  if (kind(id) != Kind::sid) return append(id);
  const Value sid = value(id);
  rexp_rk_emit_sid(sink_, &context_.sids[sid.b], sid.a, trained);
}

bool Interpreter::for_each(const Stmt& s) {
  bool first = true;
  for (Value element : list(s.expr)) {
    if (!first && !body(s.bodies[1])) return false;
    first = false;
    bind(s.number, element);
    if (!body(s.bodies[0])) return false;
  }
  return true;
}

// ---- texts --------------------------------------------------------------------------------------------------------------

void Interpreter::append_value(Kind kind, Value v) {
  if (kind == Kind::integer) return rexp_rk_text_int(sink_, v.a);
  if (kind == Kind::real) return rexp_rk_text_float(sink_, std::bit_cast<double>(v.a));
  rexp_rk_text(sink_, text_of(v).data, v.b);
}

/// Appends a text or a number to the pending text.
void Interpreter::append(ExprId id) {
  const Expr& e = at(id);
  const bool built = (e.op == Op::concat || e.op == Op::join) && !sharing_.shared(f_, id);
  if (built) return append_parts(e);
  append_value(e.type.kind, value(id));
}

void Interpreter::append_parts(const Expr& e) {
  if (e.op == Op::concat) {
    for (ExprId arg : e.args) append(arg);
    return;
  }
  const Value separator = value(e.args[1]);
  bool first = true;
  for (Value element : list(e.args[0])) {
    if (!first) append_value(Kind::text, separator);
    first = false;
    append_value(at(e.args[0]).type.element, element);
  }
}

Value Interpreter::built_text(const Expr& e) {
  const int64_t mark = rexp_rk_text_mark(sink_);
  append_parts(e);
  RexpText text;
  rexp_rk_text_take(sink_, mark, &text);
  return of(text);
}

Value Interpreter::text_in(const RexpColumn& c, int64_t index) const {
  const int64_t begin = c.text_offsets[index];
  return of(RexpText{static_cast<const char*>(c.data) + begin, c.text_offsets[index + 1] - begin});
}

int32_t run(const row::RowFunction& function, const RexpRowContext& context, const int64_t* row,
            uint64_t stream, RexpSink* sink) {
  return run(function, row::look_at_sharing(function), context, row, stream, sink);
}

int32_t run(const row::RowFunction& function, const row::Sharing& sharing,
            const RexpRowContext& context, const int64_t* row, uint64_t stream, RexpSink* sink) {
  return Interpreter(function, sharing, context, row, stream, sink).run();
}

}  // namespace rexp::interp
