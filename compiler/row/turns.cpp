#include "compiler/row/turns.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "compiler/row/sharing.h"

namespace rexp::row {
namespace {

class TurnReader {
 public:
  explicit TurnReader(const RowFunction& f)
      : f_(f),
        binders_(static_cast<size_t>(f.vars), -1),
        of_next_(f.exprs.size(), kNotAsked),
        codebooks_(f.exprs.size(), kNotAsked) {
    turns_.last.assign(f.stmts.size(), Last::unknown);
    turns_.answer.assign(f.stmts.size(), false);
    turns_.continued.assign(f.stmts.size(), false);
    turns_.codebook.assign(f.stmts.size(), -1);
    turns_.answering.assign(f.stmts.size(), false);
    turns_.says.assign(f.stmts.size(), false);
  }

  Turns run() {
    each_stmt(f_.body, [&](StmtId id) {
      turns_.any_assistant |= is_turn_of(id, Role::assistant);
      if (at(id).op == StmtOp::for_each) bind(at(id).number, at(id).expr);
    });
    for (const Expr& e : f_.exprs) {
      if (binds(e.op)) bind(e.number, e.args[0]);
    }
    role_ = turns_.any_assistant ? Role::assistant : Role::document;
    mark_last(f_.body, Last::yes);
    mark_answers();
    turns_.answers_always = always_answers(f_.body);
    turns_.first_codebook = first_codebook(f_.body).value_or(-1);
    return std::move(turns_);
  }

 private:
  const Stmt& at(StmtId id) const { return f_.stmts[static_cast<size_t>(id)]; }
  const Expr& expr(ExprId id) const { return f_.exprs[static_cast<size_t>(id)]; }
  bool is_turn_of(StmtId id, Role role) const {
    return at(id).op == StmtOp::turn && at(id).role == role;
  }
  void bind(int64_t var, ExprId list) { binders_[static_cast<size_t>(var)] = list; }

  void each_stmt(const std::vector<StmtId>& body, const std::function<void(StmtId)>& visit) {
    for (StmtId id : body) {
      visit(id);
      for (const auto& inner : at(id).bodies) each_stmt(inner, visit);
    }
  }

  /// Walks backwards; `last` says whether a turn right here would be the last. Returns the same for the point before.
  Last mark_last(const std::vector<StmtId>& body, Last last) {
    for (auto it = body.rbegin(); it != body.rend(); ++it) {
      const Stmt& s = at(*it);
      if (s.op == StmtOp::turn) {
        turns_.last[static_cast<size_t>(*it)] = last;
        if (is_turn_of(*it, role_)) last = Last::no;
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
    std::vector<StmtId> turns;
    each_stmt(f_.body, [&](StmtId id) {
      if (is_turn_of(id, role_)) turns.push_back(id);
    });
    for (StmtId turn : turns) {
      mark_prints(turn, [&](StmtId id) { return prints_sid(id) && made_of_next(at(id).expr); });
    }
    if (turns_.answers) return;
    turns_.answers_last = true;
    std::erase_if(turns,
                  [&](StmtId turn) { return turns_.last[static_cast<size_t>(turn)] == Last::no; });
    if (role_ == Role::document) return mark_continued(turns);
    for (StmtId turn : turns) {
      mark_prints(turn, [&](StmtId id) { return prints_sid(id); });
      turns_.says[static_cast<size_t>(turn)] = !turns_.answering[static_cast<size_t>(turn)];
      turns_.answering[static_cast<size_t>(turn)] = true;
      turns_.answers = true;
    }
  }

  // ---- documents that are continued -------------------------------------------------------------------------------

  /// Whichever document comes last, it has a list to continue; else none has.
  void mark_continued(const std::vector<StmtId>& turns) {
    turns_.answers = !turns.empty();
    for (StmtId turn : turns) {
      turns_.answering[static_cast<size_t>(turn)] = true;
      turns_.answers = turns_.answers && turns_.last[static_cast<size_t>(turn)] == Last::yes &&
                       continues(at(turn).bodies[0]);
    }
  }

  /// Marks the last list of semantic ids that the statements print, on every way through them.
  bool continues(const std::vector<StmtId>& body) {
    const auto prints = [&](StmtId id) { return any_sid({id}); };
    const auto last = std::find_if(body.rbegin(), body.rend(), prints);
    if (last == body.rend()) return false;
    const Stmt& s = at(*last);
    if (s.op == StmtOp::for_each) return continues_loop(*last);
    if (s.op != StmtOp::if_ && s.op != StmtOp::choose) return false;
    bool all = true;
    for (const auto& inner : s.bodies) all = continues(inner) && all;
    return all;
  }

  /// What an element prints before its id has to be the same for all of them.
  bool continues_loop(StmtId loop) {
    for (StmtId id : at(loop).bodies[0]) {
      if (at(id).op != StmtOp::print) return false;
      const Expr& printed = expr(at(id).expr);
      if (printed.op == Op::const_text || printed.op == Op::const_int) continue;
      if (!prints_sid(id)) return false;
      turns_.continued[static_cast<size_t>(loop)] = true;
      turns_.codebook[static_cast<size_t>(loop)] = codebook_of(at(id).expr);
      return true;
    }
    return false;
  }

  bool any_sid(const std::vector<StmtId>& body) {
    bool found = false;
    each_stmt(body, [&](StmtId id) { found = found || prints_sid(id); });
    return found;
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
      if (turns_.answer[static_cast<size_t>(id)] || turns_.continued[static_cast<size_t>(id)])
        return turns_.codebook[static_cast<size_t>(id)];
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
  Role role_ = Role::assistant;  // of the turns that may answer
  std::vector<ExprId> binders_;
  std::vector<int64_t> of_next_, codebooks_;  // per expression, what was answered
  Turns turns_;
};

/// Walks the statements of a prompt until it stops.
class ShownByPrompt {
 public:
  explicit ShownByPrompt(const RowFunction& f)
      : f_(f), turns_(look_at_turns(f)), read_(f.exprs.size()) {
    out_.slots.resize(f.slots.size());
    out_.columns.resize(f.columns.size());
  }

  Shown run() {
    walk(f_.body);
    return std::move(out_);
  }

 private:
  /// Whether the prompt has stopped behind the statements, whatever the row.
  bool walk(const std::vector<StmtId>& body) {
    return std::any_of(body.begin(), body.end(), [&](StmtId id) { return stops(id); });
  }

  bool stops(StmtId id) {
    const Stmt& s = f_.stmts[static_cast<size_t>(id)];
    const auto at = static_cast<size_t>(id);
    if (s.op == StmtOp::turn && turns_.says[at]) return true;
    if (s.op == StmtOp::print && turns_.answer[at]) return true;
    if (s.expr >= 0) read(s.expr);
    size_t stopped = 0;
    for (const auto& inner : s.bodies) stopped += walk(inner) ? 1 : 0;
    switch (s.op) {
      case StmtOp::turn: return stopped > 0 || turns_.answering[at];
      case StmtOp::for_each: return turns_.continued[at];
      case StmtOp::if_:
      case StmtOp::choose: return stopped == s.bodies.size();
      default: return false;
    }
  }

  void read(ExprId id) {
    if (read_[static_cast<size_t>(id)]) return;
    read_[static_cast<size_t>(id)] = true;
    const Expr& e = f_.exprs[static_cast<size_t>(id)];
    const auto at = static_cast<size_t>(e.number);
    if (e.op == Op::param) out_.slots[at] = true;
    if (e.op == Op::range) out_.slots[at] = out_.slots[at + 1] = true;
    if (e.op == Op::column || e.op == Op::item_of) out_.columns[at] = true;
    for (ExprId arg : e.args) read(arg);
  }

  const RowFunction& f_;
  Turns turns_;
  std::vector<bool> read_;
  Shown out_;
};

}  // namespace

bool Turns::answers_with_id() const {
  return answers &&
         (!answers_last || std::find(continued.begin(), continued.end(), true) != continued.end());
}

Turns look_at_turns(const RowFunction& function) { return TurnReader(function).run(); }

Shown shown_by_prompt(const RowFunction& function) { return ShownByPrompt(function).run(); }

}  // namespace rexp::row
