#include "compiler/row/turns.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "compiler/row/sharing.h"

namespace rexp::row {
namespace {

class Look {
 public:
  explicit Look(const RowFunction& f)
      : f_(f),
        binders_(static_cast<size_t>(f.vars), -1),
        of_next_(f.exprs.size(), kNotAsked),
        codebooks_(f.exprs.size(), kNotAsked) {
    turns_.last.assign(f.stmts.size(), Last::unknown);
    turns_.answer.assign(f.stmts.size(), false);
    turns_.codebook.assign(f.stmts.size(), -1);
    turns_.answering.assign(f.stmts.size(), false);
    turns_.says.assign(f.stmts.size(), false);
  }

  Turns run() {
    each_stmt(f_.body, [&](StmtId id) {
      turns_.any_assistant |= is_assistant(id);
      if (at(id).op == StmtOp::for_each) bind(at(id).number, at(id).expr);
    });
    for (const Expr& e : f_.exprs) {
      if (binds(e.op)) bind(e.number, e.args[0]);
    }
    mark_last(f_.body, Last::yes);
    mark_answers();
    turns_.answers_always = always_answers(f_.body);
    turns_.first_codebook = first_codebook(f_.body).value_or(-1);
    return std::move(turns_);
  }

 private:
  const Stmt& at(StmtId id) const { return f_.stmts[static_cast<size_t>(id)]; }
  const Expr& expr(ExprId id) const { return f_.exprs[static_cast<size_t>(id)]; }
  bool is_assistant(StmtId id) const {
    return at(id).op == StmtOp::turn && at(id).role == Role::assistant;
  }
  void bind(int64_t var, ExprId list) { binders_[static_cast<size_t>(var)] = list; }

  void each_stmt(const std::vector<StmtId>& body, const std::function<void(StmtId)>& visit) {
    for (StmtId id : body) {
      visit(id);
      for (const auto& inner : at(id).bodies) each_stmt(inner, visit);
    }
  }

  /// Walks backwards; `last` says whether an assistant turn right here would be the last. Returns the same for the point before.
  Last mark_last(const std::vector<StmtId>& body, Last last) {
    for (auto it = body.rbegin(); it != body.rend(); ++it) {
      const Stmt& s = at(*it);
      if (s.op == StmtOp::turn) {
        turns_.last[static_cast<size_t>(*it)] = last;
        if (is_assistant(*it)) last = Last::no;
      } else if (s.op == StmtOp::for_each) {
        const Last inside = last == Last::no ? Last::no : Last::unknown;
        if (mark_last(s.bodies[0], inside) != inside) last = inside;
      } else if (s.op == StmtOp::if_ || s.op == StmtOp::choose) {
        last = mark_branches(s, last);
      }
    }
    return last;
  }

  Last mark_branches(const Stmt& s, Last last) {
    Last before = last;
    for (size_t i = 0; i < s.bodies.size(); ++i) {
      const Last branch = mark_last(s.bodies[i], last);
      before = i == 0 || branch == before ? branch : Last::unknown;
    }
    return before;
  }

  bool made_of_next(ExprId id) {
    int64_t& known = of_next_[static_cast<size_t>(id)];
    if (known == kNotAsked) known = made_of_next(expr(id)) ? 1 : 0;
    return known != 0;
  }
  bool made_of_next(const Expr& e) {
    if (e.op == Op::param) return f_.slots[static_cast<size_t>(e.number)].name == "next";
    if (e.op == Op::var) {
      const ExprId list = binders_[static_cast<size_t>(e.number)];
      return list >= 0 && made_of_next(list);
    }
    return std::any_of(e.args.begin(), e.args.end(), [&](ExprId arg) { return made_of_next(arg); });
  }

  /// The codebook of a semantic id, or of all elements of a list of them; -1 where they differ.
  int64_t codebook_of(ExprId id) {
    int64_t& known = codebooks_[static_cast<size_t>(id)];
    if (known == kNotAsked) known = codebook_of(expr(id));
    return known;
  }
  int64_t codebook_of(const Expr& e) {
    switch (e.op) {
      case Op::sid: return e.number;
      case Op::var: return codebook_of(binders_[static_cast<size_t>(e.number)]);
      case Op::map:
      case Op::flat_map: return codebook_of(e.args[1]);
      case Op::filter:
      case Op::first:
      case Op::last: return codebook_of(e.args[0]);
      case Op::if_: return codebook_of(e.args, 1);
      case Op::make_list: return codebook_of(e.args, 0);
      default: return -1;
    }
  }
  int64_t codebook_of(const std::vector<ExprId>& ids, size_t from) {
    int64_t all = -1;
    for (size_t i = from; i < ids.size(); ++i) {
      const int64_t one = codebook_of(ids[i]);
      if (one < 0 || (all >= 0 && one != all)) return -1;
      all = one;
    }
    return all;
  }

  bool prints_sid(StmtId id) const {
    return at(id).op == StmtOp::print && expr(at(id).expr).type.kind == Kind::sid;
  }

  void mark_answers() {
    const Role role = turns_.any_assistant ? Role::assistant : Role::document;
    std::vector<StmtId> turns;
    each_stmt(f_.body, [&](StmtId id) {
      if (at(id).op == StmtOp::turn && at(id).role == role) turns.push_back(id);
    });
    for (StmtId turn : turns) {
      mark_prints(turn, [&](StmtId id) { return prints_sid(id) && made_of_next(at(id).expr); });
    }
    if (turns_.answers) return;
    turns_.answers_last = true;
    for (StmtId turn : turns) {
      const bool last = role == Role::document ? turn == turns.back()
                                               : turns_.last[static_cast<size_t>(turn)] != Last::no;
      if (!last) continue;
      mark_prints(turn, [&](StmtId id) { return prints_sid(id); });
      if (role == Role::document) continue;
      turns_.says[static_cast<size_t>(turn)] = !turns_.answering[static_cast<size_t>(turn)];
      turns_.answering[static_cast<size_t>(turn)] = true;
      turns_.answers = true;
    }
  }

  void mark_prints(StmtId turn, const std::function<bool(StmtId)>& wanted) {
    each_stmt(at(turn).bodies[0], [&](StmtId id) {
      if (!wanted(id)) return;
      turns_.answer[static_cast<size_t>(id)] = true;
      turns_.codebook[static_cast<size_t>(id)] = codebook_of(at(id).expr);
      turns_.answering[static_cast<size_t>(turn)] = true;
      turns_.answers = true;
    });
  }

  bool always_answers(const std::vector<StmtId>& body) const {
    return std::ranges::any_of(body, [&](StmtId id) {
      const Stmt& s = at(id);
      if (s.op == StmtOp::turn) return bool(turns_.answering[static_cast<size_t>(id)]);
      const bool branches = s.op == StmtOp::if_ || s.op == StmtOp::choose;
      return branches && std::ranges::all_of(
                             s.bodies, [&](const auto& inner) { return always_answers(inner); });
    });
  }

  /// The codebook of the first answer that some way meets; -1 where ways differ.
  std::optional<int64_t> first_codebook(const std::vector<StmtId>& body) const {
    for (StmtId id : body) {
      if (turns_.answer[static_cast<size_t>(id)]) return turns_.codebook[static_cast<size_t>(id)];
      std::optional<int64_t> all;
      for (const auto& inner : at(id).bodies) {
        const auto one = first_codebook(inner);
        if (one) all = all.value_or(*one) == *one ? *one : -1;
      }
      if (all) return all;
    }
    return std::nullopt;
  }

  static constexpr int64_t kNotAsked = -2;
  const RowFunction& f_;
  std::vector<ExprId> binders_;
  std::vector<int64_t> of_next_, codebooks_;  // per expression, what was answered
  Turns turns_;
};

}  // namespace

Turns look_at_turns(const RowFunction& function) { return Look(function).run(); }

}  // namespace rexp::row
