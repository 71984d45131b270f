#include "compiler/row/verify.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "compiler/row/op_types.h"
#include "compiler/row/sharing.h"

namespace rexp::row {
namespace {

/// Looks at every expression once, whoever uses it: types first, then which variables may be read where.
class Verifier {
 public:
  explicit Verifier(const RowFunction& f)
      : f_(f),
        vars_(static_cast<size_t>(std::max(f.vars, 0))),
        inside_(vars_.size(), false),
        exprs_(f.exprs.size(), Visit::no),
        stmts_(f.stmts.size(), false) {}

  std::string run() {
    if (f_.kind == FunctionKind::renderer) {
      if (f_.result >= 0) fail("function", "a renderer has no result");
      choices();
      body(f_.body);
    } else {
      if (!f_.body.empty()) fail("function", "only a renderer has statements");
      if (!result_fits(expr(f_.result))) fail("function", "the result has the wrong type");
    }
    if (problem_.empty()) scopes();
    return std::move(problem_);
  }

 private:
  enum class Visit : uint8_t { no, open, done };

  void fail(std::string_view where, std::string_view what) {
    if (problem_.empty()) problem_ = std::string(where) + ": " + std::string(what);
  }
  void fail(ExprId id, std::string_view what) {
    fail("expression " + std::to_string(id) + " (" +
             std::string(kOpNames[static_cast<size_t>(at(id).op)]) + ")",
         what);
  }
  std::string place(StmtId id) const {
    return "statement " + std::to_string(id) + " (" +
           std::string(kStmtNames[static_cast<size_t>(at_stmt(id).op)]) + ")";
  }
  const Expr& at(ExprId id) const { return f_.exprs[static_cast<size_t>(id)]; }
  const Stmt& at_stmt(StmtId id) const { return f_.stmts[static_cast<size_t>(id)]; }

  bool result_fits(Type result) const {
    switch (f_.kind) {
      case FunctionKind::predicate: return is(result, Kind::boolean);
      case FunctionKind::text: return is(result, Kind::text);
      case FunctionKind::real_function: return numeric(result);
      default: return is(result, Kind::integer);
    }
  }

  // ---- types ------------------------------------------------------------------------------------------------------

  /// Nothing else binds `var`; what it binds it to.
  std::string_view bind(int64_t var, Type type) {
    if (var < 0 || var >= static_cast<int64_t>(vars_.size())) return "the variable is out of range";
    Type& slot = vars_[static_cast<size_t>(var)];
    if (slot.kind != Kind::none) return "the variable is bound already";
    slot = type;
    return "";
  }

  Type expr(ExprId id) {
    if (!problem_.empty()) return {};
    if (id < 0 || id >= static_cast<ExprId>(f_.exprs.size()))
      return fail("function", "an expression is out of range"), Type{};
    Visit& visit = exprs_[static_cast<size_t>(id)];
    if (visit == Visit::open) return fail(id, "the expression contains itself"), Type{};
    const Expr& e = at(id);
    if (visit == Visit::done) return e.type;
    visit = Visit::open;
    if (binds(e.op)) {
      loop(id, e);
    } else {
      std::vector<Type> args;
      for (ExprId arg : e.args) args.push_back(expr(arg));
      check(id, e, args);
    }
    visit = Visit::done;
    return e.type;
  }

  void check(ExprId id, const Expr& e, const std::vector<Type>& args) {
    if (!problem_.empty()) return;
    if (const std::string_view fault = type_fault(f_, e, args); !fault.empty())
      return fail(id, fault);
    if (e.op == Op::var && e.type != vars_[static_cast<size_t>(e.number)]) fail(id, kUnbound);
  }

  void loop(ExprId id, const Expr& e) {
    if (e.args.size() != 2) return fail(id, "a list and a body are required");
    const Type list = expr(e.args[0]);
    if (!problem_.empty()) return;
    if (!is(list, Kind::list) || !is(e.type, Kind::list))
      return fail(id, "argument and result must be lists");
    if (const std::string_view fault = bind(e.number, Type{list.element}); !fault.empty())
      return fail(id, fault);
    const Type body = expr(e.args[1]);
    if (e.op == Op::map && body != Type{e.type.element})
      fail(id, "the body's type is not the element's");
    if (e.op == Op::filter && (!is(body, Kind::boolean) || e.type != list))
      fail(id, "the body must be a boolean");
    if (e.op == Op::flat_map && body != e.type)
      fail(id, "the body must be a list of the result's type");
  }

  // ---- statements -------------------------------------------------------------------------------------------------

  /// A choice's variable may be read everywhere, so it is bound before anything is looked at.
  void choices() {
    for (size_t i = 0; i < f_.stmts.size(); ++i) {
      const Stmt& s = f_.stmts[i];
      if (s.op != StmtOp::choose || !problem_.empty()) continue;
      const std::string where = place(static_cast<StmtId>(i));
      double sum = 0;
      for (double w : s.weights) sum += w >= 0 ? w : -1e300;
      if (s.weights.empty() || s.weights.size() != s.bodies.size() || !(sum > 0))
        return fail(where, "one weight per body is required, with a positive sum");
      const std::string_view fault = choice_fault(s);
      if (!fault.empty()) return fail(where, fault);
    }
  }

  /// Statements may share a choice if they draw it alike.
  std::string_view choice_fault(const Stmt& s) {
    const auto known = choices_.find(s.number);
    if (known != choices_.end())
      return known->second->weights == s.weights ? "" : "the choice has other weights elsewhere";
    const std::string_view fault = bind(s.number, {Kind::integer});
    if (!fault.empty()) return fault;
    inside_[static_cast<size_t>(s.number)] = true;
    choices_[s.number] = &s;
    return "";
  }

  void body(const std::vector<StmtId>& stmts) {
    for (StmtId id : stmts) stmt(id);
  }

  void stmt(StmtId id) {
    if (!problem_.empty()) return;
    if (id < 0 || id >= static_cast<StmtId>(f_.stmts.size()))
      return fail("function", "a statement is out of range");
    const Stmt& s = at_stmt(id);
    if (stmts_[static_cast<size_t>(id)])
      return fail(place(id), "the statement stands in two places");
    stmts_[static_cast<size_t>(id)] = true;
    const std::string_view fault = stmt_fault(s);
    if (!fault.empty()) return fail(place(id), fault);
    for (const auto& b : s.bodies) body(b);
  }

  std::string_view stmt_fault(const Stmt& s) {
    constexpr std::string_view kBodies = "the number of bodies is wrong";
    const Type t = s.expr >= 0 ? expr(s.expr) : Type{};
    switch (s.op) {
      case StmtOp::turn: return s.bodies.size() == 1 ? "" : kBodies;
      case StmtOp::print:
        if (!printable(t) && !is(t, Kind::sid)) return "texts, numbers and sids are printed";
        return s.bodies.empty() ? "" : kBodies;
      case StmtOp::for_each:
        if (!is(t, Kind::list)) return "a list is required";
        return s.bodies.size() == 2 ? bind(s.number, Type{t.element}) : kBodies;
      case StmtOp::if_:
        if (!is(t, Kind::boolean)) return "a boolean is required";
        return s.bodies.size() == 2 ? "" : kBodies;
      case StmtOp::choose: return "";
      case StmtOp::stop:
        return s.number < static_cast<int64_t>(f_.codebooks.size())
                   ? ""
                   : "the codebook is out of range";
      case StmtOp::special:
      case StmtOp::ids:
      case StmtOp::flush: return s.bodies.empty() ? "" : kBodies;
    }
    return "";
  }

  // ---- scopes -----------------------------------------------------------------------------------------------------

  void scopes() {
    sharing_ = look_at_sharing(f_);
    if (f_.result >= 0) in_scope(f_.result);
    scopes(f_.body);
  }

  void scopes(const std::vector<StmtId>& stmts) {
    for (StmtId id : stmts) {
      const Stmt& s = at_stmt(id);
      if (s.expr >= 0) in_scope(s.expr);
      for (size_t i = 0; i < s.bodies.size(); ++i) {
        const bool bound = s.op == StmtOp::for_each && i == 0;
        if (bound) inside_[static_cast<size_t>(s.number)] = true;
        scopes(s.bodies[i]);
        if (bound) inside_[static_cast<size_t>(s.number)] = false;
      }
    }
  }

  void in_scope(ExprId id) {
    for (int64_t var : sharing_.reads[static_cast<size_t>(id)]) {
      if (inside_[static_cast<size_t>(var)]) continue;
      for (ExprId reader : sharing_.order) {
        if (at(reader).op == Op::var && at(reader).number == var) return fail(reader, kUnbound);
      }
    }
  }

  static constexpr std::string_view kUnbound = "the variable is not bound here, or to another type";
  const RowFunction& f_;
  std::vector<Type> vars_;    // what each variable is bound to, somewhere
  std::vector<bool> inside_;  // is it bound at the statement being looked at
  std::vector<Visit> exprs_;
  std::vector<bool> stmts_;  // met
  std::unordered_map<int64_t, const Stmt*> choices_;
  Sharing sharing_;
  std::string problem_;
};

}  // namespace

std::string verify(const RowFunction& function) { return Verifier(function).run(); }

bool woven(const RowFunction& function) {
  return std::none_of(function.stmts.begin(), function.stmts.end(),
                      [](const Stmt& s) { return s.op == StmtOp::turn; });
}

}  // namespace rexp::row
