#include <llvm/IR/Intrinsics.h>

#include "compiler/lower/emitter.h"
#include "runtime/base/assert.h"

namespace rexp::lower {

using row::Expr;
using row::ExprId;
using row::Kind;
using row::Op;

Value Emitter::value(ExprId id) {
  return placement_.shared(id) ? values_[static_cast<size_t>(id)] : compute(id);
}

Value Emitter::compute(ExprId id) {
  const Expr& e = at(id);
  switch (e.op) {
    case Op::const_int: return {i64(e.number)};
    case Op::const_bool: return {b_.getInt1(e.number != 0)};
    case Op::const_real: return {llvm::ConstantFP::get(real_, e.real)};
    case Op::const_text: return const_text(e.text);
    case Op::param: return unpack(e.type.kind, slots_[static_cast<size_t>(e.number)], nullptr);
    case Op::var: return vars_[static_cast<size_t>(e.number)];
    case Op::column:
    case Op::item_of: return column(e);
    case Op::sid: return {scalar(e.args[0]), i64(e.number)};
    case Op::known: return {b_.CreateICmpSGE(scalar(e.args[0]), i64(0))};
    case Op::length: return {length(e.args[0])};
    case Op::contains: return {contains(e)};
    case Op::concat:
    case Op::join: return built_text(e);
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le: return {compare(e)};
    case Op::and_:
    case Op::or_: return {logic(id)};
    case Op::not_: return {b_.CreateNot(scalar(e.args[0]))};
    case Op::if_: return if_value(id);
    case Op::to_real: return {real(e.args[0])};
    case Op::floor: return {floor(e)};
    default: return {e.type.kind == Kind::real ? real_arithmetic(e) : integer_arithmetic(e)};
  }
}

/// A number as a real.
llvm::Value* Emitter::real(ExprId id) {
  llvm::Value* x = scalar(id);
  return kind(id) == Kind::real ? x : b_.CreateSIToFP(x, real_);
}

Value Emitter::if_value(ExprId id) {
  const Expr& e = at(id);
  Value a, b;
  llvm::BasicBlock *from_a = nullptr, *from_b = nullptr;
  const auto side = [&](size_t arg, Value* out, llvm::BasicBlock** from) {
    enter(placement_.of_argument(id, arg));
    *out = value(e.args[arg]);
    *from = b_.GetInsertBlock();
  };
  branch(scalar(e.args[0]), [&] { side(1, &a, &from_a); }, [&] { side(2, &b, &from_b); });
  return merge(a, from_a, b, from_b);
}

llvm::Value* Emitter::logic(ExprId id) {
  const Expr& e = at(id);
  llvm::Value* decides = b_.getInt1(e.op == Op::or_);
  llvm::BasicBlock* done = block("decided");
  std::vector<std::pair<llvm::Value*, llvm::BasicBlock*>> incoming;
  for (size_t i = 0; i + 1 < e.args.size(); ++i) {
    llvm::Value* side = scalar(e.args[i]);
    incoming.emplace_back(decides, b_.GetInsertBlock());
    llvm::BasicBlock* next = block("next");
    if (e.op == Op::or_) {
      b_.CreateCondBr(side, done, next);
    } else {
      b_.CreateCondBr(side, next, done);
    }
    b_.SetInsertPoint(next);
    enter(placement_.of_argument(id, i + 1));
  }
  llvm::Value* last = scalar(e.args.back());
  incoming.emplace_back(last, b_.GetInsertBlock());
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
  llvm::PHINode* result = b_.CreatePHI(b_.getInt1Ty(), static_cast<unsigned>(incoming.size()));
  for (auto [value, from] : incoming) result->addIncoming(value, from);
  return result;
}

// ---- columns and texts ----------------------------------------------------------------------------------------------

Value Emitter::column(const Expr& e) {
  const Column& c = columns_[static_cast<size_t>(e.number)];
  llvm::Value* index = scalar(e.args[0]);
  llvm::Value* valid = b_.CreateICmpULT(index, c.rows);
  if (e.type.kind == Kind::text) {
    llvm::Value* begin = element_or(i64_, c.text_offsets, index, valid, b_.getInt64(0));
    llvm::Value* next = b_.CreateAdd(index, i64(1));
    llvm::Value* end = element_or(i64_, c.text_offsets, next, valid, b_.getInt64(0));
    return {b_.CreateGEP(i8_, c.data, begin), b_.CreateSub(end, begin)};
  }
  if (e.type.kind == Kind::real)
    return {element_or(real_, c.data, index, valid, llvm::ConstantFP::get(real_, 0))};
  llvm::Constant* none = llvm::ConstantInt::getSigned(i64_, e.op == Op::item_of ? -1 : 0);
  return {element_or(i64_, c.data, index, valid, none)};
}

llvm::Value* Emitter::element_or(llvm::Type* type, llvm::Value* base, llvm::Value* index,
                                 llvm::Value* valid, llvm::Constant* otherwise) {
  llvm::Value* there = b_.CreateGEP(i8_, base, b_.CreateShl(index, i64(3)));
  llvm::Value*& absent = absent_[otherwise];
  if (absent == nullptr) absent = constant_array(otherwise, "absent");
  llvm::Value* from = b_.CreateSelect(valid, there, absent);
  return load_constant(type, from, i64(0));
}

Value Emitter::text_at(const Column& c, llvm::Value* index) {
  llvm::Value* begin = element_of(i64_, c.text_offsets, index);
  llvm::Value* end = element_of(i64_, c.text_offsets, b_.CreateAdd(index, i64(1)));
  return {b_.CreateInBoundsGEP(i8_, c.data, begin), b_.CreateSub(end, begin)};
}

Value Emitter::const_text(const std::string& text) {
  auto* bytes = llvm::ConstantDataArray::getString(unit_.context(), text, /*AddNull=*/false);
  return {constant_array(bytes, "text"), i64(static_cast<int64_t>(text.size()))};
}

Value Emitter::built_text(const Expr& e) {
  llvm::Value* mark = call(Helper::rexp_rk_text_mark, {sink_});
  append_parts(e);
  if (text_a_ == nullptr) text_a_ = slot(text_type_, "text");
  call(Helper::rexp_rk_text_take, {sink_, mark, text_a_});
  return {b_.CreateLoad(pointer_, text_a_),
          b_.CreateLoad(i64_, b_.CreateStructGEP(text_type_, text_a_, 1))};
}

llvm::Value* Emitter::text_slot(Value text, llvm::AllocaInst* slot) {
  b_.CreateStore(text.a, slot);
  b_.CreateStore(text.b, b_.CreateStructGEP(text_type_, slot, 1));
  return slot;
}

// ---- comparisons and arithmetic ---------------------------------------------------------------------------------------

llvm::Value* Emitter::compare(const Expr& e) {
  const Kind left = kind(e.args[0]);
  if (left != kind(e.args[1]))
    return compare_values(e.op, Kind::real, {real(e.args[0])}, {real(e.args[1])});
  const Value x = value(e.args[0]);
  return compare_values(e.op, left, x, value(e.args[1]));
}

llvm::Value* Emitter::compare_values(Op op, Kind kind, Value x, Value y) {
  if (kind == Kind::real) {
    if (op == Op::eq) return b_.CreateFCmpOEQ(x.a, y.a);
    if (op == Op::ne) return b_.CreateFCmpUNE(x.a, y.a);
    return op == Op::lt ? b_.CreateFCmpOLT(x.a, y.a) : b_.CreateFCmpOLE(x.a, y.a);
  }
  if (kind == Kind::sid) {
    llvm::Value* same = b_.CreateAnd(b_.CreateICmpEQ(x.a, y.a), b_.CreateICmpEQ(x.b, y.b));
    return op == Op::eq ? same : b_.CreateNot(same);
  }
  if (kind == Kind::text) {
    if (text_a_ == nullptr) text_a_ = slot(text_type_, "text");
    if (text_b_ == nullptr) text_b_ = slot(text_type_, "text");
    x.a = call(Helper::rexp_rk_text_compare, {text_slot(x, text_a_), text_slot(y, text_b_)});
    y.a = b_.getInt32(0);
  }
  if (op == Op::eq) return b_.CreateICmpEQ(x.a, y.a);
  if (op == Op::ne) return b_.CreateICmpNE(x.a, y.a);
  return op == Op::lt ? b_.CreateICmpSLT(x.a, y.a) : b_.CreateICmpSLE(x.a, y.a);
}

llvm::Value* Emitter::real_arithmetic(const Expr& e) {
  llvm::Value* x = real(e.args[0]);
  llvm::Value* y = e.args.size() > 1 ? real(e.args[1]) : nullptr;
  switch (e.op) {
    case Op::add: return b_.CreateFAdd(x, y);
    case Op::sub: return b_.CreateFSub(x, y);
    case Op::mul: return b_.CreateFMul(x, y);
    case Op::div: return b_.CreateFDiv(x, y);
    case Op::neg: return b_.CreateFNeg(x);
    case Op::min: return b_.CreateSelect(b_.CreateFCmpOLT(y, x), y, x);
    case Op::max: return b_.CreateSelect(b_.CreateFCmpOLT(x, y), y, x);
    case Op::cos: return call(Helper::rexp_rk_cos, {x});
    case Op::exp: return call(Helper::rexp_rk_exp, {x});
    case Op::log: return call(Helper::rexp_rk_log, {x});
    case Op::log2: return call(Helper::rexp_rk_log2, {x});
    case Op::pow: return call(Helper::rexp_rk_pow, {x, y});
    default: REXP_ASSERT(false, "an operation that gives no real");
  }
}

llvm::Value* Emitter::integer_arithmetic(const Expr& e) {
  llvm::Value* x = scalar(e.args[0]);
  llvm::Value* y = e.args.size() > 1 ? scalar(e.args[1]) : nullptr;
  switch (e.op) {
    case Op::add: return b_.CreateAdd(x, y);
    case Op::sub: return b_.CreateSub(x, y);
    case Op::mul: return b_.CreateMul(x, y);
    case Op::neg: return b_.CreateNeg(x);
    case Op::min: return b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, x, y);
    case Op::max: return b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, x, y);
    default: REXP_ASSERT(false, "an operation that gives no integer");
  }
}

llvm::Value* Emitter::floor(const Expr& e) {
  if (kind(e.args[0]) == Kind::integer)
    return e.type.kind == Kind::real ? real(e.args[0]) : scalar(e.args[0]);
  llvm::Value* x = b_.CreateUnaryIntrinsic(llvm::Intrinsic::floor, scalar(e.args[0]));
  if (e.type.kind == Kind::real) return x;
  return b_.CreateIntrinsic(llvm::Intrinsic::fptosi_sat, {i64_, real_}, {x});
}

}  // namespace rexp::lower
