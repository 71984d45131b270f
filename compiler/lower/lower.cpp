#include "compiler/lower/lower.h"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <cstddef>

#include "compiler/lower/emitter.h"
#include "compiler/row/verify.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/base/assert.h"

namespace rexp::lower {

Emitter::Emitter(Unit& unit, const row::RowFunction& function, const std::string& symbol)
    : unit_(unit), f_(function), placement_(function), b_(unit.context()) {
  i8_ = b_.getInt8Ty();
  i64_ = b_.getInt64Ty();
  real_ = b_.getDoubleTy();
  pointer_ = b_.getPtrTy();
  text_type_ = llvm::StructType::get(pointer_, i64_);
  list_type_ = llvm::StructType::get(pointer_, i64_, i64_);
  pair_type_ = llvm::StructType::get(i64_, i64_);
  fn_ = llvm::Function::Create(row_function_type(unit.context()), llvm::Function::ExternalLinkage,
                               symbol, unit.module());
  fn_->setDoesNotThrow();
  context_ = fn_->getArg(0);
  row_ = fn_->getArg(1);
  stream_ = fn_->getArg(2);
  sink_ = fn_->getArg(3);
  context_->setName("context");
  row_->setName("row");
  stream_->setName("stream");
  sink_->setName("sink");
  entry_ = block("entry");
  vars_.resize(static_cast<size_t>(f_.vars));
  values_.resize(f_.exprs.size());
  lists_.resize(f_.exprs.size());
}

llvm::Function* Emitter::run() {
  b_.SetInsertPoint(entry_);
  load_arguments();
  llvm::BasicBlock* start = block("start");
  b_.CreateBr(start);
  b_.SetInsertPoint(start);
  if (f_.kind == row::FunctionKind::renderer) {
    draw_choices();
    open_tokens();
  }
  enter(Placement::kFunction);
  switch (f_.kind) {
    case row::FunctionKind::renderer:
      body(f_.body);
      close_tokens();
      break;
    case row::FunctionKind::text: append(f_.result); break;
    case row::FunctionKind::integer_function: store_result(scalar(f_.result)); break;
    case row::FunctionKind::predicate: store_result(b_.CreateZExt(scalar(f_.result), i64_)); break;
    case row::FunctionKind::real_function: {
      llvm::Value* x = real(f_.result);  // there is one NaN, whatever sign the machine gave it
      llvm::Value* nan = llvm::ConstantFP::getQNaN(real_);
      store_result(b_.CreateBitCast(b_.CreateSelect(b_.CreateFCmpUNO(x, x), nan, x), i64_));
      break;
    }
  }
  b_.CreateRet(b_.getInt32(REXP_OK));
  return fn_;
}

/// Everything that a row function reads again and again is loaded once; what is not used the optimiser removes.
void Emitter::load_arguments() {
  llvm::Value* columns = load_field(pointer_, context_, offsetof(RexpRowContext, columns));
  sids_ = load_field(pointer_, context_, offsetof(RexpRowContext, sids));
  for (size_t i = 0; i < f_.columns.size(); ++i) {
    const size_t base = i * sizeof(RexpColumn);
    columns_.push_back({load_field(i64_, columns, base + offsetof(RexpColumn, rows)),
                        load_field(pointer_, columns, base + offsetof(RexpColumn, data)),
                        load_field(pointer_, columns, base + offsetof(RexpColumn, text_offsets)),
                        load_field(pointer_, columns, base + offsetof(RexpColumn, list_offsets))});
  }
  for (size_t i = 0; i < f_.slots.size(); ++i)
    slots_.push_back(load_field(i64_, row_, i * sizeof(int64_t)));
}

/// A choice belongs to the row, not to the place of its statement: its variable may be read everywhere.
void Emitter::draw_choices() {
  for (const row::Stmt& s : f_.stmts) {
    if (s.op != row::StmtOp::choose) continue;
    std::vector<double> cumulative;
    double sum = 0;
    for (double weight : s.weights) cumulative.push_back(sum += weight);
    auto* sums = llvm::ConstantDataArray::get(unit_.context(), llvm::ArrayRef<double>(cumulative));
    vars_[static_cast<size_t>(s.number)] = {
        call(Helper::rexp_rk_choose, {stream_, i64(s.number), constant_array(sums, "weights"),
                                      i64(static_cast<int64_t>(cumulative.size()))})};
  }
}

void Emitter::enter(Placement::Region region) {
  for (row::ExprId id : placement_.starts(region)) {
    if (kind(id) != row::Kind::list) {
      values_[static_cast<size_t>(id)] = compute(id);
      continue;
    }
    const List all = compute_list(id);
    lists_[static_cast<size_t>(id)] =
        all.stages.empty() ? all : materialised(all, at(id).type.element);
  }
}

llvm::Value* Emitter::call(Helper helper, llvm::ArrayRef<llvm::Value*> args) {
  return b_.CreateCall(declare(unit_.module(), helper), args);
}

llvm::BasicBlock* Emitter::block(const char* name) {
  return llvm::BasicBlock::Create(unit_.context(), name, fn_);
}

llvm::AllocaInst* Emitter::slot(llvm::Type* type, const char* name) {
  return llvm::IRBuilder<>(entry_, entry_->begin()).CreateAlloca(type, nullptr, name);
}

llvm::Value* Emitter::load_constant(llvm::Type* type, llvm::Value* base, llvm::Value* bytes) {
  llvm::LoadInst* load = b_.CreateLoad(type, b_.CreateInBoundsGEP(i8_, base, bytes));
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(unit_.context(), {}));
  return load;
}

llvm::Value* Emitter::load_field(llvm::Type* type, llvm::Value* base, size_t offset) {
  return load_constant(type, base, i64(static_cast<int64_t>(offset)));
}

/// base[index] of an array of 8-byte values.
llvm::Value* Emitter::element_of(llvm::Type* type, llvm::Value* base, llvm::Value* index) {
  return load_constant(type, base, b_.CreateShl(index, i64(3)));
}

llvm::Value* Emitter::constant_array(llvm::Constant* data, const char* name) {
  auto* global = new llvm::GlobalVariable(unit_.module(), data->getType(), true,
                                          llvm::GlobalValue::PrivateLinkage, data, name);
  global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  return global;
}

void Emitter::branch(llvm::Value* condition, const std::function<void()>& then,
                     const std::function<void()>& otherwise) {
  llvm::BasicBlock *yes = block("then"), *no = block("else"), *after = block("after");
  b_.CreateCondBr(condition, yes, no);
  b_.SetInsertPoint(yes);
  then();
  b_.CreateBr(after);
  b_.SetInsertPoint(no);
  otherwise();
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
}

Value Emitter::merge(Value a, llvm::BasicBlock* from_a, Value b, llvm::BasicBlock* from_b) {
  const auto phi = [&](llvm::Value* x, llvm::Value* y) -> llvm::Value* {
    if (x == y) return x;
    llvm::PHINode* merged = b_.CreatePHI(x->getType(), 2);
    merged->addIncoming(x, from_a);
    merged->addIncoming(y, from_b);
    return merged;
  };
  return {phi(a.a, b.a), a.b == nullptr ? nullptr : phi(a.b, b.b)};
}

llvm::Function* lower_function(Unit& unit, const row::RowFunction& function,
                               const std::string& symbol) {
  const std::string problem = row::verify(function);
  REXP_ASSERT(problem.empty(), problem.c_str());
  REXP_ASSERT(row::woven(function), "a row function is lowered before the chat format is woven in");
  llvm::Function* fn = Emitter(unit, function, symbol).run();
  REXP_ASSERT(!llvm::verifyFunction(*fn, &llvm::errs()),
              "a row function was lowered to invalid code");
  return fn;
}

}  // namespace rexp::lower
