// Tokens are stored by the code itself, not by calls: while nothing else writes them, the sink's arrays and their size live in
// variables of the frame (registers, once optimised), and a call happens only where the arrays are full.
//
//   special, ids, special      one check for room, one copy, two fills
//   print sid                  one check for room, one 8-token copy; the size then grows by the width of the codebook
#include <llvm/IR/MDBuilder.h>

#include <cstddef>

#include "compiler/lower/emitter.h"
#include "runtime/abi/abi.h"

namespace rexp::lower {

namespace {

llvm::MDNode* rarely(llvm::LLVMContext& context) {
  return llvm::MDBuilder(context).createBranchWeights(1, 1000);
}

}  // namespace

llvm::Value* Emitter::sink_field(size_t offset) {
  return b_.CreateConstInBoundsGEP1_64(i8_, sink_, offset);
}

void Emitter::open_tokens() {
  const auto load = [&](llvm::AllocaInst*& variable, llvm::Type* type, const char* name,
                        size_t offset) {
    if (variable == nullptr) variable = slot(type, name);
    b_.CreateStore(b_.CreateLoad(type, sink_field(offset)), variable);
  };
  load(ids_, pointer_, "ids", offsetof(RexpSink, ids));
  load(trained_, pointer_, "trained", offsetof(RexpSink, trained));
  load(levels_, pointer_, "levels", offsetof(RexpSink, levels));
  load(size_, i64_, "size", offsetof(RexpSink, size));
  load(capacity_, i64_, "capacity", offsetof(RexpSink, capacity));
}

void Emitter::close_tokens() {
  b_.CreateStore(b_.CreateLoad(i64_, size_), sink_field(offsetof(RexpSink, size)));
}

void Emitter::call_on_tokens(Helper helper, llvm::ArrayRef<llvm::Value*> args) {
  close_tokens();
  call(helper, args);
  open_tokens();
}

llvm::Value* Emitter::end_of(llvm::AllocaInst* array, int64_t width) {
  llvm::Value* bytes = b_.CreateMul(b_.CreateLoad(i64_, size_), i64(width));
  return b_.CreateInBoundsGEP(i8_, b_.CreateLoad(pointer_, array), bytes);
}

void Emitter::advance(llvm::Value* count) {
  b_.CreateStore(b_.CreateAdd(b_.CreateLoad(i64_, size_), count), size_);
}

void Emitter::ensure_room(int64_t count) {
  llvm::Value* wanted = b_.CreateAdd(b_.CreateLoad(i64_, size_), i64(count));
  llvm::BasicBlock *full = block("full"), *room = block("room");
  b_.CreateCondBr(b_.CreateICmpSGT(wanted, b_.CreateLoad(i64_, capacity_)), full, room,
                  rarely(unit_.context()));
  b_.SetInsertPoint(full);
  call_on_tokens(Helper::rexp_rk_reserve, {sink_, i64(count)});
  b_.CreateBr(room);
  b_.SetInsertPoint(room);
}

void Emitter::emit_ids(const std::vector<int32_t>& ids, bool masked) {
  const auto count = static_cast<int64_t>(ids.size());
  auto* data = llvm::ConstantDataArray::get(unit_.context(), llvm::ArrayRef<int32_t>(ids));
  ensure_room(count);
  b_.CreateMemCpy(end_of(ids_, sizeof(int32_t)), llvm::MaybeAlign(4), constant_array(data, "ids"),
                  llvm::MaybeAlign(4), ids.size() * sizeof(int32_t));
  b_.CreateMemSet(end_of(trained_, 1), b_.getInt8(masked ? 0 : 1), ids.size(), llvm::MaybeAlign(1));
  b_.CreateMemSet(end_of(levels_, 1), b_.getInt8(0), ids.size(), llvm::MaybeAlign(1));
  advance(i64(count));
}

llvm::Value* Emitter::sid_table(llvm::Value* number) {
  return b_.CreateInBoundsGEP(i8_, sids_, b_.CreateMul(number, i64(sizeof(RexpSidTable))));
}

void Emitter::emit_sid(Value sid, bool masked) {
  llvm::Value* table = sid_table(sid.b);
  llvm::Value* width =
      b_.CreateZExt(load_field(b_.getInt32Ty(), table, offsetof(RexpSidTable, width)), i64_);
  llvm::Value* short_enough = b_.CreateICmpULE(width, i64(REXP_SID_ROOM));
  llvm::Value* there =
      b_.CreateICmpULT(sid.a, load_field(i64_, table, offsetof(RexpSidTable, items)));
  llvm::Value* wanted = b_.CreateAdd(b_.CreateLoad(i64_, size_), i64(REXP_SID_ROOM));
  llvm::Value* fits = b_.CreateICmpSLE(wanted, b_.CreateLoad(i64_, capacity_));
  llvm::BasicBlock *copy = block("sid"), *other = block("other_sid"), *after = block("after_sid");
  b_.CreateCondBr(b_.CreateAnd(b_.CreateAnd(short_enough, there), fits), copy, other,
                  llvm::MDBuilder(unit_.context()).createBranchWeights(1000, 1));
  b_.SetInsertPoint(other);
  call_on_tokens(Helper::rexp_rk_emit_sid, {sink_, table, sid.a, b_.getInt8(masked ? 0 : 1)});
  b_.CreateBr(after);

  b_.SetInsertPoint(copy);
  llvm::Type* all_ids = llvm::FixedVectorType::get(b_.getInt32Ty(), REXP_SID_ROOM);
  llvm::Value* ids = load_field(pointer_, table, offsetof(RexpSidTable, ids));
  llvm::Value* from = b_.CreateInBoundsGEP(b_.getInt32Ty(), ids, b_.CreateMul(sid.a, width));
  b_.CreateAlignedStore(b_.CreateAlignedLoad(all_ids, from, llvm::Align(4)),
                        end_of(ids_, sizeof(int32_t)), llvm::Align(4));
  llvm::Value* levels = load_field(pointer_, table, offsetof(RexpSidTable, levels));
  b_.CreateAlignedStore(b_.CreateAlignedLoad(i64_, levels, llvm::Align(1)), end_of(levels_, 1),
                        llvm::Align(1));
  b_.CreateAlignedStore(i64(masked ? 0 : 0x0101010101010101), end_of(trained_, 1), llvm::Align(1));
  advance(width);
  b_.CreateBr(after);
  b_.SetInsertPoint(after);
}

}  // namespace rexp::lower
