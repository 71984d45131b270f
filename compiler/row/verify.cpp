#include "compiler/row/verify.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace rexp::row {
namespace {

constexpr std::string_view kOpNames[] = {
#define REXP_ROW_OP(name) #name,
#include "compiler/row/ops.def"
};
constexpr std::string_view kStmtNames[] = {
#define REXP_ROW_STMT(name) #name,
#include "compiler/row/ops.def"
};

bool numeric(Type t) { return t.kind == Kind::integer || t.kind == Kind::real; }
bool printable(Type t) { return numeric(t) || t.kind == Kind::text; }
bool is(Type t, Kind kind) { return t.kind == kind; }
bool indexes(Type t) { return is(t, Kind::integer) || is(t, Kind::item) || is(t, Kind::event); }

class Verifier {
 public:
  explicit Verifier(const RowFunction& f)
      : f_(f), vars_(static_cast<size_t>(std::max(f.vars, 0))), open_(f.exprs.size()) {}

  std::string run() {
    if (f_.kind == FunctionKind::renderer) {
      if (f_.result >= 0) fail("function", "a renderer has no result");
      body(f_.body);
    } else {
      if (!f_.body.empty()) fail("function", "only a renderer has statements");
      const Type result = expr(f_.result);
      const bool fits = f_.kind == FunctionKind::predicate ? is(result, Kind::boolean)
                        : f_.kind == FunctionKind::text    ? is(result, Kind::text)
                                                           : numeric(result);
      if (!fits) fail("function", "the result has the wrong type");
    }
    return std::move(problem_);
  }

 private:
  void fail(std::string_view where, std::string_view what) {
    if (problem_.empty()) problem_ = std::string(where) + ": " + std::string(what);
  }
  void fail(ExprId id, std::string_view what) {
    fail("expression " + std::to_string(id) + " (" +
             std::string(kOpNames[static_cast<size_t>(at(id).op)]) + ")",
         what);
  }
  const Expr& at(ExprId id) const { return f_.exprs[static_cast<size_t>(id)]; }

  void require(ExprId id, bool condition, std::string_view what) {
    if (!condition) fail(id, what);
  }

  /// Binds a variable while `inside` runs.
  template <class F>
  void binding(std::string_view where, int64_t var, Type type, F inside) {
    if (var < 0 || var >= static_cast<int64_t>(vars_.size()))
      return fail(where, "the variable is out of range");
    Type& slot = vars_[static_cast<size_t>(var)];
    if (slot.kind != Kind::none) return fail(where, "the variable is bound already");
    slot = type;
    inside();
    slot = {};
  }

  Type expr(ExprId id) {
    if (!problem_.empty()) return {};
    if (id < 0 || id >= static_cast<ExprId>(f_.exprs.size()))
      return fail("function", "an expression is out of range"), Type{};
    if (open_[static_cast<size_t>(id)]) return fail(id, "the expression contains itself"), Type{};
    open_[static_cast<size_t>(id)] = true;
    const Expr& e = at(id);
    switch (e.op) {
      case Op::map:
      case Op::filter:
      case Op::flat_map: loop(id, e); break;
      default: {
        std::vector<Type> args;
        for (ExprId arg : e.args) args.push_back(expr(arg));
        if (problem_.empty()) check(id, e, args);
      }
    }
    open_[static_cast<size_t>(id)] = false;
    return e.type;
  }

  void loop(ExprId id, const Expr& e) {
    if (e.args.size() != 2) return fail(id, "a list and a body are required");
    const Type list = expr(e.args[0]);
    require(id, is(list, Kind::list) && is(e.type, Kind::list),
            "argument and result must be lists");
    if (!problem_.empty()) return;
    Type body;
    binding("expression " + std::to_string(id), e.number, Type{list.element},
            [&] { body = expr(e.args[1]); });
    if (e.op == Op::map)
      require(id, body == Type{e.type.element}, "the body's type is not the element's");
    if (e.op == Op::filter)
      require(id, is(body, Kind::boolean) && e.type == list, "the body must be a boolean");
    if (e.op == Op::flat_map)
      require(id, body == e.type, "the body must be a list of the result's type");
  }

  void check(ExprId id, const Expr& e, const std::vector<Type>& a) {
    const auto arity = [&](size_t n) {
      require(id, a.size() == n, "the number of arguments is wrong");
      return problem_.empty();
    };
    const auto in_range = [&](size_t size) {
      require(id, e.number >= 0 && static_cast<size_t>(e.number) < size,
              "the number is out of range");
      return problem_.empty();
    };
    switch (e.op) {
      case Op::const_int:
        return require(id, arity(0) && indexes(e.type), "an integer or an index is required");
      case Op::const_bool:
        return require(id, arity(0) && is(e.type, Kind::boolean), "the type must be boolean");
      case Op::const_real:
        return require(id, arity(0) && is(e.type, Kind::real), "the type must be real");
      case Op::const_text:
        return require(id, arity(0) && is(e.type, Kind::text), "the type must be text");
      case Op::param:
        if (!arity(0) || !in_range(f_.slots.size())) return;
        return require(id,
                       e.type == f_.slots[static_cast<size_t>(e.number)].type &&
                           (indexes(e.type) || is(e.type, Kind::real)),
                       "the type is not the slot's");
      case Op::range:
        if (!arity(0) || !in_range(f_.slots.size() - (f_.slots.empty() ? 0 : 1))) return;
        return require(id, e.type == Type{Kind::list, Kind::event}, "a range is a list of events");
      case Op::var:
        if (!arity(0) || !in_range(vars_.size())) return;
        return require(id, e.type == vars_[static_cast<size_t>(e.number)],
                       "the variable is not bound here, or to another type");
      case Op::column:
        if (!arity(1) || !in_range(f_.columns.size())) return;
        require(id, indexes(a[0]), "a column is indexed by an item, an event or an integer");
        return require(id, e.type == f_.columns[static_cast<size_t>(e.number)].type,
                       "the type is not the column's");
      case Op::item_of:
        if (!arity(1) || !in_range(f_.columns.size())) return;
        return require(id,
                       is(a[0], Kind::event) && is(e.type, Kind::item) &&
                           is(f_.columns[static_cast<size_t>(e.number)].type, Kind::integer),
                       "an event and an integer column give an item");
      case Op::sid:
        if (!arity(1) || !in_range(f_.codebooks.size())) return;
        return require(id, is(a[0], Kind::item) && is(e.type, Kind::sid), "an item gives a sid");
      case Op::make_list:
        require(id, is(e.type, Kind::list) && !is(Type{e.type.element}, Kind::list),
                "the type must be a flat list");
        for (Type t : a) require(id, t == Type{e.type.element}, "an element has another type");
        return;
      case Op::length:
        return require(
            id,
            arity(1) && (is(a[0], Kind::list) || is(a[0], Kind::text)) && is(e.type, Kind::integer),
            "a list or a text has a length");
      case Op::first:
      case Op::last:
        return require(
            id, arity(2) && is(a[0], Kind::list) && is(a[1], Kind::integer) && e.type == a[0],
            "a list and an integer are required");
      case Op::contains:
        return require(id,
                       arity(2) && is(a[0], Kind::list) && a[1] == Type{a[0].element} &&
                           is(e.type, Kind::boolean),
                       "a list and an element are required");
      case Op::most_common:
        return require(id,
                       arity(2) && a[0] == Type{Kind::list, Kind::text} &&
                           is(a[1], Kind::integer) && e.type == a[0],
                       "a list of texts and an integer are required");
      case Op::concat:
        for (Type t : a) require(id, printable(t), "texts and numbers are required");
        return require(id, is(e.type, Kind::text), "the type must be text");
      case Op::join:
        return require(id,
                       arity(2) && is(a[0], Kind::list) && printable(Type{a[0].element}) &&
                           is(a[1], Kind::text) && is(e.type, Kind::text),
                       "a list of texts or numbers and a separator are required");
      case Op::add:
      case Op::sub:
      case Op::mul:
      case Op::min:
      case Op::max:
        if (!arity(2)) return;
        require(id, numeric(a[0]) && numeric(a[1]), "numbers are required");
        return require(
            id,
            is(e.type, is(a[0], Kind::real) || is(a[1], Kind::real) ? Kind::real : Kind::integer),
            "the type is real exactly if an argument is");
      case Op::div:
      case Op::pow:
        return require(id, arity(2) && numeric(a[0]) && numeric(a[1]) && is(e.type, Kind::real),
                       "two numbers give a real");
      case Op::neg:
        return require(id, arity(1) && numeric(a[0]) && e.type == a[0], "a number is required");
      case Op::to_real:
      case Op::cos:
      case Op::exp:
      case Op::log:
        return require(id, arity(1) && numeric(a[0]) && is(e.type, Kind::real),
                       "a number gives a real");
      case Op::floor:
        return require(id, arity(1) && numeric(a[0]) && numeric(e.type), "a number is required");
      case Op::eq:
      case Op::ne:
        return require(id,
                       arity(2) && is(e.type, Kind::boolean) && !is(a[0], Kind::list) &&
                           (a[0] == a[1] || (numeric(a[0]) && numeric(a[1]))),
                       "two values of one type are required");
      case Op::lt:
      case Op::le:
        return require(
            id,
            arity(2) && is(e.type, Kind::boolean) &&
                ((numeric(a[0]) && numeric(a[1])) || (a[0] == a[1] && is(a[0], Kind::text))),
            "two numbers or two texts are required");
      case Op::and_:
      case Op::or_:
        require(id, a.size() >= 2 && is(e.type, Kind::boolean), "booleans are required");
        for (Type t : a) require(id, is(t, Kind::boolean), "booleans are required");
        return;
      case Op::not_:
        return require(id, arity(1) && is(a[0], Kind::boolean) && is(e.type, Kind::boolean),
                       "a boolean is required");
      case Op::if_:
        return require(id, arity(3) && is(a[0], Kind::boolean) && a[1] == a[2] && e.type == a[1],
                       "a boolean and two values of one type are required");
      case Op::map:
      case Op::filter:
      case Op::flat_map: return;
    }
  }

  void body(const std::vector<StmtId>& stmts) {
    for (StmtId id : stmts) stmt(id);
  }

  void stmt(StmtId id) {
    if (!problem_.empty()) return;
    if (id < 0 || id >= static_cast<StmtId>(f_.stmts.size()))
      return fail("function", "a statement is out of range");
    const Stmt& s = f_.stmts[static_cast<size_t>(id)];
    const std::string where = "statement " + std::to_string(id) + " (" +
                              std::string(kStmtNames[static_cast<size_t>(s.op)]) + ")";
    if (++depth_ > static_cast<int>(f_.stmts.size()))
      return fail(where, "the statement contains itself");
    const auto bodies = [&](size_t n) {
      if (s.bodies.size() != n) fail(where, "the number of bodies is wrong");
      return problem_.empty();
    };
    switch (s.op) {
      case StmtOp::turn:
        if (bodies(1)) body(s.bodies[0]);
        break;
      case StmtOp::print: {
        const Type t = expr(s.expr);
        if (bodies(0) && !printable(t) && !is(t, Kind::sid))
          fail(where, "texts, numbers and sids are printed");
        break;
      }
      case StmtOp::for_each: {
        const Type list = expr(s.expr);
        if (!is(list, Kind::list)) return fail(where, "a list is required");
        if (!bodies(2)) return;
        body(s.bodies[1]);
        binding(where, s.number, Type{list.element}, [&] { body(s.bodies[0]); });
        break;
      }
      case StmtOp::if_:
        if (!is(expr(s.expr), Kind::boolean)) return fail(where, "a boolean is required");
        if (!bodies(2)) return;
        body(s.bodies[0]);
        body(s.bodies[1]);
        break;
      case StmtOp::choose: choose(where, s); break;
      case StmtOp::stop:
        if (s.number >= static_cast<int64_t>(f_.codebooks.size()))
          fail(where, "the codebook is out of range");
        break;
      case StmtOp::special:
      case StmtOp::ids:
      case StmtOp::flush: bodies(0); break;
    }
    --depth_;
  }

  void choose(const std::string& where, const Stmt& s) {
    double sum = 0;
    for (double w : s.weights) sum += w >= 0 ? w : -1e300;
    if (s.weights.empty() || s.weights.size() != s.bodies.size() || !(sum > 0))
      return fail(where, "one weight per body is required, with a positive sum");
    if (s.number < 0 || s.number >= static_cast<int64_t>(vars_.size()))
      return fail(where, "the variable is out of range");
    Type& var = vars_[static_cast<size_t>(s.number)];
    if (var.kind != Kind::none) return fail(where, "the variable is bound already");
    var = {Kind::integer};
    for (const auto& b : s.bodies) body(b);
  }

  const RowFunction& f_;
  std::vector<Type> vars_;
  std::vector<bool> open_;
  std::string problem_;
  int depth_ = 0;
};

}  // namespace

std::string verify(const RowFunction& function) { return Verifier(function).run(); }

bool woven(const RowFunction& function) {
  for (const Stmt& s : function.stmts) {
    if (s.op == StmtOp::turn) return false;
  }
  return true;
}

}  // namespace rexp::row
