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
      stmt(s);
      continue;
    }
    masked = s.masked;
    if (s.op == StmtOp::special) run.push_back(static_cast<int32_t>(s.number));
    run.insert(run.end(), s.ids.begin(), s.ids.end());
  }
  emit();
}

void Emitter::emit_ids(const std::vector<int32_t>& ids, bool masked) {
  auto* data = llvm::ConstantDataArray::get(unit_.context(), llvm::ArrayRef<int32_t>(ids));
  call(Helper::rexp_rk_emit_ids,
       {sink_, constant_array(data, "ids"), i64(static_cast<int64_t>(ids.size())),
        b_.getInt8(masked ? 0 : 1)});
}

void Emitter::stmt(const Stmt& s) {
  llvm::Value* trained = b_.getInt8(s.masked ? 0 : 1);
  switch (s.op) {
    case StmtOp::print: return print(s.expr, trained);
    case StmtOp::for_each: return for_each(s);
    case StmtOp::if_:
      return branch(scalar(s.expr), [&] { body(s.bodies[0]); }, [&] { body(s.bodies[1]); });
    case StmtOp::choose: return choose(s);
    case StmtOp::flush: call(Helper::rexp_rk_flush, {context_, sink_, trained}); return;
    case StmtOp::stop: return stop(s);
    case StmtOp::special:
    case StmtOp::ids:
    case StmtOp::turn: break;
  }
  REXP_ASSERT(false, "a row function is lowered before the chat format is woven in");
}

llvm::Value* Emitter::sid_table(llvm::Value* number) {
  return b_.CreateInBoundsGEP(i8_, sids_, b_.CreateMul(number, i64(sizeof(RexpSidTable))));
}

void Emitter::print(ExprId id, llvm::Value* trained) {
  if (kind(id) != Kind::sid) return append(id);
  const Value sid = value(id);
  call(Helper::rexp_rk_emit_sid, {sink_, sid_table(sid.b), sid.a, trained});
}

/// Appends a text or a number to the pending text, without building it first.
void Emitter::append(ExprId id) {
  const Expr& e = at(id);
  if (e.op == Op::concat) {
    for (ExprId arg : e.args) append(arg);
  } else if (e.op == Op::join) {
    join(e);
  } else if (e.op == Op::if_) {
    branch(scalar(e.args[0]), [&] { append(e.args[1]); }, [&] { append(e.args[2]); });
  } else {
    append_value(e.type.kind, value(id));
  }
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

void Emitter::join(const Expr& e) {
  const Value separator = value(e.args[1]);
  const Kind element = at(e.args[0]).type.element;
  each_separated(
      list(e.args[0]), [&] { append_value(Kind::text, separator); },
      [&](Value v) { append_value(element, v); });
}

void Emitter::for_each(const Stmt& s) {
  const auto visit = [&](Value element) {
    vars_[static_cast<size_t>(s.number)] = element;
    body(s.bodies[0]);
  };
  if (s.bodies[1].empty()) return each(list(s.expr), visit);
  each_separated(list(s.expr), [&] { body(s.bodies[1]); }, visit);
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

void Emitter::choose(const Stmt& s) {
  std::vector<double> cumulative;
  double sum = 0;
  for (double weight : s.weights) cumulative.push_back(sum += weight);
  auto* sums = llvm::ConstantDataArray::get(unit_.context(), llvm::ArrayRef<double>(cumulative));
  llvm::Value* drawn =
      call(Helper::rexp_rk_choose, {stream_, i64(s.number), constant_array(sums, "weights"),
                                    i64(static_cast<int64_t>(cumulative.size()))});
  b_.CreateStore(drawn, choices_[static_cast<size_t>(s.number)]);
  llvm::BasicBlock *after = block("chosen"), *nowhere = block("nowhere");
  llvm::SwitchInst* jump = b_.CreateSwitch(drawn, nowhere);
  for (size_t i = 0; i < s.bodies.size(); ++i) {
    llvm::BasicBlock* variant = block("variant");
    jump->addCase(b_.getInt64(i), variant);
    b_.SetInsertPoint(variant);
    body(s.bodies[i]);
    b_.CreateBr(after);
  }
  b_.SetInsertPoint(nowhere);
  b_.CreateUnreachable();
  b_.SetInsertPoint(after);
}

void Emitter::stop(const Stmt& s) {
  if (s.number >= 0)
    call(Helper::rexp_rk_emit_open,
         {sink_, sid_table(i64(s.number)), b_.getInt8(s.masked ? 0 : 1)});
  b_.CreateRet(b_.getInt32(REXP_OK));
  b_.SetInsertPoint(block("after_stop"));  // reached from nowhere; the optimiser drops it
}

void Emitter::store_result(llvm::Value* value) {
  b_.CreateStore(value, b_.CreateConstInBoundsGEP1_64(i8_, sink_, offsetof(RexpSink, value)));
}

}  // namespace rexp::lower
