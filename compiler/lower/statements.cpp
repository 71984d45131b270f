#include <cstddef>

#include "compiler/lower/emitter.h"
#include "runtime/abi/abi.h"
#include "runtime/base/assert.h"

namespace rexp::lower {

using row::Expr;
using row::ExprId;
using row::Kind;
using row::Op;
using row::Stmt;
using row::StmtId;
using row::StmtOp;

/// Neighbouring special tokens and literal stretches with one flag become one copy.
void Emitter::body(const std::vector<StmtId>& stmts) {
  std::vector<int32_t> run;
  bool masked = false;
  const auto emit = [&] {
    if (!run.empty()) emit_ids(run, masked);
    run.clear();
  };
  for (StmtId id : stmts) {
    const Stmt& s = f_.stmts[static_cast<size_t>(id)];
    const bool constant = s.op == StmtOp::special || s.op == StmtOp::ids;
    if (!constant || s.masked != masked) emit();
    if (!constant) {
      stmt(id);
      continue;
    }
    masked = s.masked;
    if (s.op == StmtOp::special) run.push_back(static_cast<int32_t>(s.number));
    run.insert(run.end(), s.ids.begin(), s.ids.end());
  }
  emit();
}

void Emitter::stmt(StmtId id) {
  const Stmt& s = f_.stmts[static_cast<size_t>(id)];
  const auto side = [&](size_t i) {
    enter(placement_.of_body(id, i));
    body(s.bodies[i]);
  };
  switch (s.op) {
    case StmtOp::print: return print(s.expr, s.masked);
    case StmtOp::for_each: return for_each(id);
    case StmtOp::if_: return branch(scalar(s.expr), [&] { side(0); }, [&] { side(1); });
    case StmtOp::choose: return choose(id);
    case StmtOp::flush:
      return call_on_tokens(Helper::rexp_rk_flush, {context_, sink_, b_.getInt8(s.masked ? 0 : 1)});
    case StmtOp::stop: return stop(s);
    case StmtOp::special:
    case StmtOp::ids:
    case StmtOp::turn: break;
  }
  REXP_ASSERT(false, "a row function is lowered before the chat format is woven in");
}

void Emitter::print(ExprId id, bool masked) {
  if (kind(id) != Kind::sid) return append(id);
  emit_sid(value(id), masked);
}

/// Appends a text or a number to the pending text, without building it first.
void Emitter::append(ExprId id) {
  const Expr& e = at(id);
  const bool kept = placement_.shared(id);
  if (!kept && (e.op == Op::concat || e.op == Op::join)) return append_parts(e);
  if (kept || e.op != Op::if_) return append_value(e.type.kind, value(id));
  const auto side = [&](size_t arg) {
    enter(placement_.of_argument(id, arg));
    append(e.args[arg]);
  };
  branch(scalar(e.args[0]), [&] { side(1); }, [&] { side(2); });
}

void Emitter::append_parts(const Expr& e) {
  if (e.op == Op::concat) {
    for (ExprId arg : e.args) append(arg);
    return;
  }
  const Value separator = value(e.args[1]);
  const Kind element = at(e.args[0]).type.element;
  each_separated(
      list(e.args[0]), [&] { append_value(Kind::text, separator); },
      [&](Value v) { append_value(element, v); });
}

void Emitter::append_value(Kind kind, Value v) {
  if (kind == Kind::integer) {
    call(Helper::rexp_rk_text_int, {sink_, v.a});
  } else if (kind == Kind::real) {
    call(Helper::rexp_rk_text_float, {sink_, v.a});
  } else {
    call(Helper::rexp_rk_text, {sink_, v.a, v.b});
  }
}

void Emitter::for_each(StmtId id) {
  const Stmt& s = f_.stmts[static_cast<size_t>(id)];
  const auto visit = [&](Value element) {
    vars_[static_cast<size_t>(s.number)] = element;
    enter(placement_.of_body(id, 0));
    body(s.bodies[0]);
  };
  if (s.bodies[1].empty()) return each(list(s.expr), visit);
  const auto between = [&] {
    enter(placement_.of_body(id, 1));
    body(s.bodies[1]);
  };
  each_separated(list(s.expr), between, visit);
}

void Emitter::each_separated(const List& all, const std::function<void()>& between,
                             const Visit& visit) {
  llvm::AllocaInst* started = slot(b_.getInt1Ty(), "started");
  b_.CreateStore(b_.getFalse(), started);
  each(all, [&](Value element) {
    branch(b_.CreateLoad(b_.getInt1Ty(), started), between, [] {});
    b_.CreateStore(b_.getTrue(), started);
    visit(element);
  });
}

void Emitter::choose(StmtId id) {
  const Stmt& s = f_.stmts[static_cast<size_t>(id)];
  llvm::Value* drawn = vars_[static_cast<size_t>(s.number)].a;
  llvm::BasicBlock *after = block("chosen"), *nowhere = block("nowhere");
  llvm::SwitchInst* jump = b_.CreateSwitch(drawn, nowhere);
  for (size_t i = 0; i < s.bodies.size(); ++i) {
    llvm::BasicBlock* variant = block("variant");
    jump->addCase(b_.getInt64(i), variant);
    b_.SetInsertPoint(variant);
    enter(placement_.of_body(id, i));
    body(s.bodies[i]);
    b_.CreateBr(after);
  }
  b_.SetInsertPoint(nowhere);
  b_.CreateUnreachable();
  b_.SetInsertPoint(after);
}

void Emitter::stop(const Stmt& s) {
  if (s.number >= 0)
    call_on_tokens(Helper::rexp_rk_emit_open,
                   {sink_, sid_table(i64(s.number)), b_.getInt8(s.masked ? 0 : 1)});
  close_tokens();
  b_.CreateRet(b_.getInt32(REXP_OK));
  b_.SetInsertPoint(block("after_stop"));  // reached from nowhere; the optimiser drops it
}

void Emitter::store_result(llvm::Value* value) {
  b_.CreateStore(value, b_.CreateConstInBoundsGEP1_64(i8_, sink_, offsetof(RexpSink, value)));
}

}  // namespace rexp::lower
