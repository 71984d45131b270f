// A list is walked, never built, while nothing needs its elements twice or from the end:
//
//   h.flat_map(e => e.item.category).most_common(3)      one loop over events, one over an item's categories, a push
//   h.last(10).sid, h.sid.last(10)                       a loop over the last ten events: cutting goes through maps
//   h.filter(..).last(10)                                the filtered list is materialised in the row's arena, then cut
//   let l = h.map(..); contains(l, a), contains(l, b)    likewise a list that two places use, so that its elements are made once
#include <llvm/IR/Intrinsics.h>

#include <algorithm>

#include "compiler/lower/emitter.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/base/assert.h"

namespace rexp::lower {

using row::Expr;
using row::ExprId;
using row::Kind;
using row::Op;

bool Emitter::one_to_one(const List& all) const {
  return std::all_of(all.stages.begin(), all.stages.end(),
                     [&](ExprId id) { return at(id).op == Op::map; });
}

List Emitter::list(ExprId id) {
  return placement_.shared(id) ? lists_[static_cast<size_t>(id)] : compute_list(id);
}

List Emitter::compute_list(ExprId id) {
  const Expr& e = at(id);
  switch (e.op) {
    case Op::range: return range(e);
    case Op::column: return texts(e);
    case Op::make_list: return make_list(e);
    case Op::first:
    case Op::last: return cut(e);
    case Op::most_common:
    case Op::sample: return chosen(e);
    case Op::if_: return if_list(id);
    case Op::map:
    case Op::filter:
    case Op::flat_map: {
      List source = list(e.args[0]);
      source.stages.push_back(id);
      return source;
    }
    default: REXP_ASSERT(false, "an operation that gives no list");
  }
}

// ---- sources ----------------------------------------------------------------------------------------------------------

List Emitter::range(const Expr& e) {
  List out;
  out.begin = slots_[static_cast<size_t>(e.number)];
  out.end = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, out.begin,
                                     slots_[static_cast<size_t>(e.number) + 1]);
  out.element = Kind::event;
  return out;
}

List Emitter::texts(const Expr& e) {
  const Column& c = columns_[static_cast<size_t>(e.number)];
  llvm::Value* index = scalar(e.args[0]);
  llvm::Value* valid = b_.CreateICmpULT(index, c.rows);
  llvm::Value* next = b_.CreateAdd(index, i64(1));
  List out;
  out.base = List::Base::texts;
  out.begin = element_or(i64_, c.list_offsets, index, valid, b_.getInt64(0));
  out.end = element_or(i64_, c.list_offsets, next, valid, b_.getInt64(0));
  out.column = e.number;
  out.element = Kind::text;
  return out;
}

List Emitter::make_list(const Expr& e) {
  const auto size = static_cast<int64_t>(e.args.size());
  std::vector<std::pair<llvm::Value*, llvm::Value*>> elements;
  for (ExprId arg : e.args) elements.push_back(pack(e.type.element, value(arg)));
  List out;
  out.base = List::Base::array;
  out.begin = i64(0);
  out.end = i64(size);
  out.data =
      call(Helper::rexp_rk_alloc, {sink_, i64(size * static_cast<int64_t>(sizeof(RexpPair)))});
  out.element = e.type.element;
  for (unsigned i = 0; i < elements.size(); ++i) {
    llvm::Value* at = b_.CreateConstInBoundsGEP1_64(pair_type_, out.data, i);
    b_.CreateStore(elements[i].first, at);
    b_.CreateStore(elements[i].second, b_.CreateStructGEP(pair_type_, at, 1));
  }
  return out;
}

List Emitter::chosen(const Expr& e) {
  const Kind element = e.type.element;
  llvm::Value* in = filled(list(e.args[0]), element);
  llvm::Value* n = scalar(e.args[1]);
  llvm::AllocaInst* out = slot(list_type_, "chosen");
  if (e.op == Op::sample) {
    call(Helper::rexp_rk_sample, {sink_, in, n, stream_, i64(e.number), out});
  } else {
    const bool texts = element == Kind::text;
    call(texts ? Helper::rexp_rk_most_common : Helper::rexp_rk_most_common_numbers,
         {sink_, in, n, out});
  }
  return array(out, element);
}

List Emitter::array(llvm::Value* from, Kind element) {
  List out;
  out.base = List::Base::array;
  out.begin = i64(0);
  out.data = b_.CreateLoad(pointer_, from);
  out.end = b_.CreateLoad(i64_, b_.CreateStructGEP(list_type_, from, 1));
  out.element = element;
  return out;
}

// ---- what cannot stay a loop --------------------------------------------------------------------------------------------

llvm::Value* Emitter::filled(const List& from, Kind element) {
  llvm::AllocaInst* out = slot(list_type_, "list");
  b_.CreateStore(llvm::ConstantAggregateZero::get(list_type_), out);
  each(from, [&](Value v) {
    const auto [first, second] = pack(element, v);
    call(Helper::rexp_rk_list_push, {sink_, out, first, second});
  });
  return out;
}

List Emitter::materialised(const List& from, Kind element) {
  if (from.base == List::Base::array && from.stages.empty()) return from;
  return array(filled(from, element), element);
}

List Emitter::cut(const Expr& e) {
  List out = list(e.args[0]);
  if (!one_to_one(out)) out = materialised(out, e.type.element);
  llvm::Value* size = b_.CreateSub(out.end, out.begin);
  llvm::Value* n = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, scalar(e.args[1]), i64(0));
  n = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, n, size);
  if (e.op == Op::first) {
    out.end = b_.CreateAdd(out.begin, n);
  } else {
    out.begin = b_.CreateSub(out.end, n);
  }
  return out;
}

List Emitter::if_list(ExprId id) {
  const Expr& e = at(id);
  llvm::BasicBlock *yes = block("then"), *no = block("else"), *after = block("after");
  b_.CreateCondBr(scalar(e.args[0]), yes, no);
  b_.SetInsertPoint(yes);
  enter(placement_.of_argument(id, 1));
  List a = list(e.args[1]);
  llvm::BasicBlock* from_a = b_.GetInsertBlock();
  b_.SetInsertPoint(no);
  enter(placement_.of_argument(id, 2));
  List b = list(e.args[2]);
  llvm::BasicBlock* from_b = b_.GetInsertBlock();
  if (a.base != b.base || a.column != b.column || !a.stages.empty() || !b.stages.empty()) {
    b_.SetInsertPoint(from_a);
    a = materialised(a, e.type.element);
    from_a = b_.GetInsertBlock();
    b_.SetInsertPoint(from_b);
    b = materialised(b, e.type.element);
    from_b = b_.GetInsertBlock();
  }
  llvm::BranchInst::Create(after, from_a);
  llvm::BranchInst::Create(after, from_b);
  b_.SetInsertPoint(after);
  List out = a;
  const Value bounds = merge({a.begin, a.end}, from_a, {b.begin, b.end}, from_b);
  out.begin = bounds.a;
  out.end = bounds.b;
  if (out.base == List::Base::array) out.data = merge({a.data}, from_a, {b.data}, from_b).a;
  return out;
}

llvm::Value* Emitter::length(ExprId id) {
  if (kind(id) == Kind::text) {
    const Value text = value(id);
    if (text_a_ == nullptr) text_a_ = slot(text_type_, "text");
    return call(Helper::rexp_rk_text_length, {text_slot(text, text_a_)});
  }
  const List all = list(id);
  if (one_to_one(all)) return b_.CreateSub(all.end, all.begin);
  llvm::AllocaInst* count = slot(i64_, "count");
  b_.CreateStore(i64(0), count);
  each(all,
       [&](Value) { b_.CreateStore(b_.CreateAdd(b_.CreateLoad(i64_, count), i64(1)), count); });
  return b_.CreateLoad(i64_, count);
}

llvm::Value* Emitter::contains(const Expr& e) {
  const Value wanted = value(e.args[1]);
  const List all = list(e.args[0]);
  llvm::AllocaInst* found = slot(b_.getInt1Ty(), "found");
  llvm::BasicBlock* done = block("searched");
  b_.CreateStore(b_.getFalse(), found);
  each(all, [&](Value v) {
    llvm::Value* same = compare_values(Op::eq, kind(e.args[1]), v, wanted);
    llvm::BasicBlock* more = block("more");
    b_.CreateStore(same, found);
    b_.CreateCondBr(same, done, more);
    b_.SetInsertPoint(more);
  });
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
  return b_.CreateLoad(b_.getInt1Ty(), found);
}

// ---- walking ------------------------------------------------------------------------------------------------------------

void Emitter::each(const List& all, const Visit& visit) {
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock *test = block("loop"), *inside = block("element"), *done = block("done");
  b_.CreateBr(test);
  b_.SetInsertPoint(test);
  llvm::PHINode* i = b_.CreatePHI(i64_, 2, "i");
  i->addIncoming(all.begin, before);
  b_.CreateCondBr(b_.CreateICmpSLT(i, all.end), inside, done);
  b_.SetInsertPoint(inside);
  each_stage(all, 0, base_element(all, i), visit);
  i->addIncoming(b_.CreateAdd(i, i64(1)), b_.GetInsertBlock());
  b_.CreateBr(test);
  b_.SetInsertPoint(done);
}

void Emitter::each_stage(const List& all, size_t stage, Value element, const Visit& visit) {
  if (stage == all.stages.size()) return visit(element);
  const Expr& e = at(all.stages[stage]);
  vars_[static_cast<size_t>(e.number)] = element;
  enter(placement_.of_argument(all.stages[stage], 1));
  if (e.op == Op::map) {
    each_stage(all, stage + 1, value(e.args[1]), visit);
  } else if (e.op == Op::filter) {
    branch(scalar(e.args[1]), [&] { each_stage(all, stage + 1, element, visit); }, [] {});
  } else {
    each(list(e.args[1]), [&](Value inner) { each_stage(all, stage + 1, inner, visit); });
  }
}

Value Emitter::base_element(const List& all, llvm::Value* index) {
  if (all.base == List::Base::range) return {index};
  if (all.base == List::Base::texts)
    return text_at(columns_[static_cast<size_t>(all.column)], index);
  llvm::Value* at = b_.CreateInBoundsGEP(pair_type_, all.data, index);
  llvm::Value* first = b_.CreateLoad(i64_, at);
  return unpack(all.element, first, b_.CreateLoad(i64_, b_.CreateStructGEP(pair_type_, at, 1)));
}

Value Emitter::unpack(Kind kind, llvm::Value* a, llvm::Value* b) {
  if (kind == Kind::real) return {b_.CreateBitCast(a, real_)};
  if (kind == Kind::boolean) return {b_.CreateTrunc(a, b_.getInt1Ty())};
  if (kind == Kind::text) return {b_.CreateIntToPtr(a, pointer_), b};
  if (kind == Kind::sid) return {a, b};
  return {a};
}

std::pair<llvm::Value*, llvm::Value*> Emitter::pack(Kind kind, Value v) {
  if (kind == Kind::real) return {b_.CreateBitCast(v.a, i64_), i64(0)};
  if (kind == Kind::boolean) return {b_.CreateZExt(v.a, i64_), i64(0)};
  if (kind == Kind::text) return {b_.CreatePtrToInt(v.a, i64_), v.b};
  return {v.a, v.b == nullptr ? i64(0) : v.b};
}

}  // namespace rexp::lower
