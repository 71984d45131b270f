#include "compiler/row/weave.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compiler/row/sharing.h"
#include "compiler/row/turns.h"
#include "compiler/row/verify.h"
#include "runtime/base/assert.h"

namespace rexp::row {
namespace {

using Body = std::vector<StmtId>;

/// What is known about the pending text at a point of the program.
struct Pending {
  std::string literal;  // text that the statements emitted so far have not printed yet
  bool empty = true;    // nothing is pending in front of `literal`
  bool ended = false;   // a `stop` was met: this point is never reached
  bool operator==(const Pending&) const = default;
};

class Weaver {
 public:
  Weaver(const RowFunction& function, const text::Tokenizer& tokenizer,
         const text::ChatFormat& format, WeaveOptions options)
      : in_(function),
        out_(function),
        tokenizer_(tokenizer),
        format_(format),
        options_(options),
        turns_(look_at_turns(function)),
        parts_(function.exprs.size(), 0) {
    out_.stmts.clear();
  }

  Result<RowFunction> run() {
    if (options_.extent == Extent::prompt && !turns_.answers) {
      return user_error(
          "the template `" + in_.name + "` has no answer, so there is nothing to ask a model",
          "add an `assistant` turn that prints the answer, or end with a document "
          "that prints a list of semantic ids");
    }
    out_.body = conversation(in_.body);
    if (unknown_last_) {
      return user_error("which assistant turn of the template `" + in_.name +
                            "` comes last is only known per row",
                        "move the last assistant turn out of the `for` or the `if`");
    }
    if (unknown_codebook_) {
      return user_error(
          "which codebook the answer of the template `" + in_.name +
              "` is printed in is only known per row",
          "print it in one codebook, so that every prompt can end with that codebook's open mark");
    }
    if (prompt()) keep_choices();
    return std::move(out_);
  }

 private:
  const Stmt& at(StmtId id) const { return in_.stmts[static_cast<size_t>(id)]; }
  bool prompt() const { return options_.extent == Extent::prompt; }

  /// A choice belongs to the row: where its statement was cut off behind the answer, what stands before may still read it. Such a
  /// choice stays, and prints nothing.
  void keep_choices() {
    std::vector<const Stmt*> cut(static_cast<size_t>(in_.vars), nullptr);
    for (const Stmt& s : in_.stmts) {
      if (s.op == StmtOp::choose) cut[static_cast<size_t>(s.number)] = &s;
    }
    for (const Stmt& s : out_.stmts) {
      if (s.op == StmtOp::choose) cut[static_cast<size_t>(s.number)] = nullptr;
    }
    Body kept;
    for (ExprId id : look_at_sharing(out_).order) {
      const Expr& e = out_.exprs[static_cast<size_t>(id)];
      if (e.op != Op::var || cut[static_cast<size_t>(e.number)] == nullptr) continue;
      Stmt s = *std::exchange(cut[static_cast<size_t>(e.number)], nullptr);
      for (Body& b : s.bodies) b.clear();
      add(&kept, std::move(s));
    }
    out_.body.insert(out_.body.begin(), kept.begin(), kept.end());
  }

  void add(Body* to, Stmt stmt) {
    to->push_back(static_cast<StmtId>(out_.stmts.size()));
    out_.stmts.push_back(std::move(stmt));
  }
  void add_special(Body* to, int32_t id, bool masked) {
    Stmt s{StmtOp::special};
    s.number = id;
    s.masked = masked;
    add(to, std::move(s));
  }
  void add_stop(Body* to, int64_t codebook) {
    Stmt s{StmtOp::stop};
    s.number = codebook;
    s.masked = masked_;
    add(to, std::move(s));
  }

  // ---- turns ----------------------------------------------------------------------------------------------------

  Body conversation(const Body& stmts) {
    Body out;
    for (StmtId id : stmts) {
      const Stmt& s = at(id);
      if (s.op == StmtOp::turn) {
        if (turn(id, &out)) break;
      } else {
        Stmt copy = s;
        for (Body& b : copy.bodies) b = conversation(b);
        add(&out, std::move(copy));
      }
    }
    return out;
  }

  /// Returns true where the prompt ends within the turn.
  bool turn(StmtId id, Body* out) {
    const Stmt& s = at(id);
    masked_ = s.masked || (s.role != Role::assistant && s.role != Role::document);
    Pending p;
    if (s.role != Role::document) header(id, &p, out);
    if (!(prompt() && turns_.says[static_cast<size_t>(id)]))
      content(s.bodies[0], &p, out, /*flushed=*/true);
    if (p.ended) return true;
    if (prompt() && turns_.answering[static_cast<size_t>(id)]) {
      add_stop(out, -1);
      return true;
    }
    add_special(out, s.role == Role::document ? format_.end_of_text : format_.turn_end, masked_);
    if (s.role != Role::document) literal(format_.after_turn, &p, out);
    return false;
  }

  /// `<|im_start|>role⏎`. Before a system's or user's text the header stays pending, so that both are one stretch.
  void header(StmtId id, Pending* p, Body* out) {
    static constexpr const char* kRoles[] = {"system", "user", "assistant"};
    const Stmt& s = at(id);
    add_special(out, format_.turn_start, true);
    p->literal = kRoles[static_cast<size_t>(s.role)] + format_.after_role;
    if (s.role != Role::assistant) return;
    literal({}, p, out);
    const Last last = turns_.last[static_cast<size_t>(id)];
    const bool stub = format_.think == text::Think::empty;
    const bool decides =
        stub || (prompt() && turns_.answers_last && turns_.answering[static_cast<size_t>(id)]);
    unknown_last_ |= decides && last == Last::unknown;
    if (!stub || last != Last::yes) return;
    add_special(out, format_.think_open, true);
    literal("\n\n", p, out);
    add_special(out, format_.think_close, true);
    literal("\n\n", p, out);
  }

  /// A stretch of the format's own, never trained.
  void literal(const std::string& text, Pending* p, Body* out) {
    const bool masked = std::exchange(masked_, true);
    p->literal += text;
    flush(p, out);
    masked_ = masked;
  }

  // ---- stretches ------------------------------------------------------------------------------------------------

  void print_literal(Pending* p, Body* out) {
    if (p->literal.empty()) return;
    Stmt s{StmtOp::print};
    s.expr = static_cast<ExprId>(out_.exprs.size());
    s.masked = masked_;
    Expr text{Op::const_text, Type{Kind::text}, {}};
    text.text = std::exchange(p->literal, {});
    out_.exprs.push_back(std::move(text));
    add(out, std::move(s));
    p->empty = false;
  }

  void flush(Pending* p, Body* out) {
    if (p->empty && p->literal.empty()) return;
    Stmt s{StmtOp::flush};
    s.masked = masked_;
    if (p->empty && options_.tokenize_literals) {
      s.op = StmtOp::ids;
      tokenizer_.encode(p->literal, text::Specials::deny, &s.ids);
      p->literal.clear();
    } else {
      print_literal(p, out);
    }
    add(out, std::move(s));
    p->empty = true;
  }

  /// Rewrites the statements of a turn. `flushed`: nothing may be pending behind them.
  void content(const Body& stmts, Pending* p, Body* out, bool flushed) {
    for (size_t i = 0; i < stmts.size() && !p->ended; ++i) {
      const bool tail = flushed && i + 1 == stmts.size();
      const Stmt& s = at(stmts[i]);
      switch (s.op) {
        case StmtOp::print: print(stmts[i], s.expr, p, out); break;
        case StmtOp::for_each: loop(stmts[i], p, out); break;
        case StmtOp::if_:
        case StmtOp::choose: branch(s, p, out, tail); break;
        default: REXP_ASSERT(false, "a turn contains a turn or is woven already");
      }
    }
    if (flushed && !p->ended) flush(p, out);
  }

  void print(StmtId id, ExprId what, Pending* p, Body* out) {
    const Expr& e = in_.exprs[static_cast<size_t>(what)];
    if (e.type.kind == Kind::sid) return print_sid(id, what, p, out);
    if (e.op == Op::const_text) {
      p->literal += e.text;
    } else if (e.op == Op::const_int) {
      p->literal += std::to_string(e.number);
    } else if (e.op == Op::concat && parts(what) <= kMostParts) {
      for (ExprId part : e.args) print(id, part, p, out);
    } else {
      print_literal(p, out);
      Stmt s{StmtOp::print};
      s.expr = what;
      s.masked = masked_;
      add(out, std::move(s));
      p->empty = false;
    }
  }

  /// Into how many prints a text falls apart. A concatenation of shared concatenations may be long although it is written short;
  /// it is left whole beyond kMostParts, which changes no token.
  int parts(ExprId id) {
    int& known = parts_[static_cast<size_t>(id)];
    const Expr& e = in_.exprs[static_cast<size_t>(id)];
    if (known == 0) {
      known = e.op == Op::concat ? 0 : 1;
      for (size_t i = 0; e.op == Op::concat && i < e.args.size(); ++i)
        known = std::min(known + parts(e.args[i]), kMostParts + 1);
    }
    return known;
  }

  void print_sid(StmtId id, ExprId what, Pending* p, Body* out) {
    flush(p, out);
    if (prompt() && turns_.answer[static_cast<size_t>(id)]) {
      return end_prompt(turns_.codebook[static_cast<size_t>(id)], p, out);
    }
    Stmt s{StmtOp::print};
    s.expr = what;
    s.masked = masked_;
    add(out, std::move(s));
  }

  void branch(const Stmt& s, Pending* p, Body* out, bool flushed) {
    Stmt copy = s;
    std::vector<Pending> ends(s.bodies.size(), *p);
    for (size_t i = 0; i < s.bodies.size(); ++i) {
      copy.bodies[i].clear();
      content(s.bodies[i], &ends[i], &copy.bodies[i], flushed);
    }
    if (!join(&ends)) {
      for (size_t i = 0; i < ends.size(); ++i) print_literal(&ends[i], &copy.bodies[i]);
      const bool joined = join(&ends);
      REXP_ASSERT(joined, "branches end in different ways");
    }
    *p = ends[0];
    add(out, std::move(copy));
  }

  /// Makes all ends equal to what holds behind the branches; false where their literals differ.
  static bool join(std::vector<Pending>* ends) {
    Pending all;
    all.ended = true;
    for (const Pending& end : *ends) {
      if (end.ended) continue;
      if (all.ended) {
        all = end;
      } else if (all.literal != end.literal) {
        return false;
      }
      all.empty = all.empty && end.empty;
    }
    ends->assign(ends->size(), all);
    return true;
  }

  void loop(StmtId id, Pending* p, Body* out) {
    const Stmt& s = at(id);
    const bool bounded = begins_with_sid(s.bodies[0]);
    if (bounded) {
      flush(p, out);
    } else {
      print_literal(p, out);
      p->empty = false;
    }
    Stmt copy = s;
    for (Body& b : copy.bodies) b.clear();
    Pending inside = *p;
    content(s.bodies[0], &inside, &copy.bodies[0], /*flushed=*/false);
    print_literal(&inside, &copy.bodies[0]);
    if (!inside.ended) {
      p->empty = p->empty && inside.empty;
      content(s.bodies[1], &inside, &copy.bodies[1], /*flushed=*/bounded);
      print_literal(&inside, &copy.bodies[1]);
    }
    add(out, std::move(copy));
    if (prompt() && turns_.continued[static_cast<size_t>(id)]) one_more(id, p, out);
  }

  /// The prompt of a list that is continued: what the list would print before the id of one more element.
  void one_more(StmtId loop, Pending* p, Body* out) {
    const Stmt& s = at(loop);
    if (!s.bodies[1].empty()) {
      Stmt between{StmtOp::if_};
      between.expr = any_element(s.expr);
      between.bodies = {s.bodies[1], {}};
      branch(between, p, out, /*flushed=*/false);
    }
    for (StmtId id : s.bodies[0]) {
      const ExprId printed = at(id).expr;
      if (in_.exprs[static_cast<size_t>(printed)].type.kind == Kind::sid) break;
      print(id, printed, p, out);
    }
    flush(p, out);
    end_prompt(turns_.codebook[static_cast<size_t>(loop)], p, out);
  }

  ExprId any_element(ExprId list) {
    const auto add_expr = [&](Expr e) {
      out_.exprs.push_back(std::move(e));
      return static_cast<ExprId>(out_.exprs.size()) - 1;
    };
    const ExprId none = add_expr({Op::const_int, Type{Kind::integer}});
    const ExprId length = add_expr({Op::length, Type{Kind::integer}, {list}});
    return add_expr({Op::lt, Type{Kind::boolean}, {none, length}});
  }

  void end_prompt(int64_t codebook, Pending* p, Body* out) {
    unknown_codebook_ |= codebook < 0;
    add_stop(out, codebook);
    p->ended = true;
  }

  /// A loop whose body prints a semantic id first is a boundary: the text before it ends there even if the list is empty.
  bool begins_with_sid(const Body& body) const {
    if (body.empty()) return false;
    const Stmt& s = at(body[0]);
    if (s.op == StmtOp::print) return in_.exprs[static_cast<size_t>(s.expr)].type.kind == Kind::sid;
    if (s.op == StmtOp::for_each) return begins_with_sid(s.bodies[0]);
    if (s.op != StmtOp::if_ && s.op != StmtOp::choose) return false;
    for (const Body& b : s.bodies) {
      if (!begins_with_sid(b)) return false;
    }
    return true;
  }

  const RowFunction& in_;
  RowFunction out_;
  const text::Tokenizer& tokenizer_;
  const text::ChatFormat& format_;
  WeaveOptions options_;
  Turns turns_;
  static constexpr int kMostParts = 256;
  std::vector<int> parts_;  // per expression, what parts() answered; 0 = not asked
  bool masked_ = false;     // of the turn being woven
  bool unknown_last_ = false;
  bool unknown_codebook_ = false;
};

}  // namespace

Result<RowFunction> weave(const RowFunction& function, const text::Tokenizer& tokenizer,
                          const text::ChatFormat& format, WeaveOptions options) {
  const std::string problem = verify(function);
  REXP_ASSERT(problem.empty(), problem.c_str());
  return Weaver(function, tokenizer, format, options).run();
}

}  // namespace rexp::row
