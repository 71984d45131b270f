#include "compiler/row/mixture.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <cstddef>
#include <vector>

#include "compiler/lower/helpers.h"
#include "compiler/lower/lower.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/base/assert.h"

namespace rexp::lower {
namespace {

/// Straight-line code: the tasks are few, and which one a place belongs to is a chain of selects.
class MixtureEmitter {
 public:
  MixtureEmitter(Unit& unit, const row::Mixture& mixture, const std::string& symbol)
      : module_(unit.module()), mixture_(mixture), b_(unit.context()) {
    fn_ = llvm::Function::Create(row_function_type(unit.context()), llvm::Function::ExternalLinkage,
                                 symbol, module_);
    fn_->setDoesNotThrow();
    stream_ = fn_->getArg(2);
    b_.SetInsertPoint(llvm::BasicBlock::Create(unit.context(), "entry", fn_));
  }

  llvm::Function* run() {
    llvm::Value* position = slot(0);
    for (size_t i = 0; i < mixture_.weights.size(); ++i) rows_.push_back(slot(1 + i));
    make_quotas();
    check();
    llvm::Value* block = b_.CreateUDiv(position, size_);
    llvm::Value* key = stream(stream(stream_, b_.getInt64(0)), block);
    llvm::Value* place = permute(size_, b_.CreateURem(position, size_), key);
    const Task task = task_at(place);
    llvm::Value* k = b_.CreateAdd(b_.CreateMul(block, task.quota), b_.CreateSub(place, task.start));
    llvm::Value* pass = b_.CreateUDiv(k, task.rows);
    llvm::Value* row_key = stream(stream(stream_, b_.CreateAdd(task.number, b_.getInt64(1))), pass);
    llvm::Value* row = permute(task.rows, b_.CreateURem(k, task.rows), row_key);
    llvm::Value* packed = b_.CreateOr(b_.CreateShl(task.number, abi::kDrawTaskShift), row);
    b_.CreateStore(packed, b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), fn_->getArg(3),
                                                         offsetof(RexpSink, value)));
    b_.CreateRet(b_.getInt32(REXP_OK));
    return fn_;
  }

 private:
  struct Task {
    llvm::Value *number, *quota, *start, *rows;
  };

  llvm::Value* slot(size_t i) {
    return b_.CreateLoad(b_.getInt64Ty(),
                         b_.CreateConstInBoundsGEP1_64(b_.getInt64Ty(), fn_->getArg(1), i));
  }
  llvm::Value* stream(llvm::Value* parent, llvm::Value* child) {
    return b_.CreateCall(declare(module_, Helper::rexp_rk_stream), {parent, child});
  }
  llvm::Value* permute(llvm::Value* n, llvm::Value* index, llvm::Value* key) {
    return b_.CreateCall(declare(module_, Helper::rexp_rk_permute), {n, index, key});
  }

  void make_quotas() {
    if (mixture_.unit == row::MixtureUnit::shares) {
      for (int64_t quota : row::share_quotas(mixture_.weights))
        quotas_.push_back(b_.getInt64(static_cast<uint64_t>(quota)));
    } else {
      for (size_t i = 0; i < rows_.size(); ++i)
        quotas_.push_back(copy_quota(mixture_.weights[i], rows_[i]));
    }
    starts_.push_back(b_.getInt64(0));
    for (llvm::Value* quota : quotas_) starts_.push_back(b_.CreateAdd(starts_.back(), quota));
    size_ = starts_.back();
  }

  /// As row::copy_quota.
  llvm::Value* copy_quota(double weight, llvm::Value* rows) {
    llvm::Type* real = b_.getDoubleTy();
    llvm::Value* exact =
        b_.CreateFMul(llvm::ConstantFP::get(real, weight), b_.CreateSIToFP(rows, real));
    llvm::Value* rounded = b_.CreateUnaryIntrinsic(
        llvm::Intrinsic::floor, b_.CreateFAdd(exact, llvm::ConstantFP::get(real, 0.5)));
    return b_.CreateFPToSI(rounded, b_.getInt64Ty());
  }

  void check() {
    llvm::Value* zero = b_.getInt64(0);
    llvm::Value* bad = b_.CreateICmpEQ(size_, zero);
    for (size_t i = 0; i < quotas_.size(); ++i) {
      llvm::Value* wanted = b_.CreateICmpNE(quotas_[i], zero);
      bad = b_.CreateOr(bad, b_.CreateAnd(wanted, b_.CreateICmpEQ(rows_[i], zero)));
    }
    auto* refuse = llvm::BasicBlock::Create(b_.getContext(), "refuse", fn_);
    auto* go = llvm::BasicBlock::Create(b_.getContext(), "draw", fn_);
    b_.CreateCondBr(bad, refuse, go);
    b_.SetInsertPoint(refuse);
    b_.CreateRet(b_.getInt32(REXP_USER));
    b_.SetInsertPoint(go);
  }

  Task task_at(llvm::Value* place) {
    const auto make = [&](size_t i) {
      return Task{b_.getInt64(i), quotas_[i], starts_[i], rows_[i]};
    };
    Task out = make(quotas_.size() - 1);
    for (size_t i = quotas_.size() - 1; i-- > 0;) {
      const Task candidate = make(i);
      llvm::Value* here = b_.CreateICmpULT(place, starts_[i + 1]);
      out = {b_.CreateSelect(here, candidate.number, out.number),
             b_.CreateSelect(here, candidate.quota, out.quota),
             b_.CreateSelect(here, candidate.start, out.start),
             b_.CreateSelect(here, candidate.rows, out.rows)};
    }
    return out;
  }

  llvm::Module& module_;
  const row::Mixture& mixture_;
  llvm::IRBuilder<> b_;
  llvm::Function* fn_;
  llvm::Value *stream_, *size_ = nullptr;
  std::vector<llvm::Value*> rows_, quotas_, starts_;
};

}  // namespace

llvm::Function* lower_mixture(Unit& unit, const row::Mixture& mixture, const std::string& symbol) {
  llvm::Function* fn = MixtureEmitter(unit, mixture, symbol).run();
  REXP_ASSERT(!llvm::verifyFunction(*fn, &llvm::errs()), "a mixture was lowered to invalid code");
  return fn;
}

}  // namespace rexp::lower
