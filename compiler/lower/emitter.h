// The state of one row function's lowering. scalars.cpp, lists.cpp, statements.cpp and tokens.cpp each implement a part of it.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <functional>
#include <map>
#include <vector>

#include "compiler/lower/helpers.h"
#include "compiler/lower/placement.h"
#include "compiler/lower/unit.h"
#include "compiler/row/row_tree.h"

namespace rexp::lower {

/// A scalar in registers. Text: a = pointer, b = bytes. Sid: a = item, b = codebook. Boolean: i1. Real: double. Else i64.
struct Value {
  llvm::Value* a = nullptr;
  llvm::Value* b = nullptr;
};

/// A list that has not been walked: a slice of something indexable, and what happens to each element on the way.
struct List {
  enum class Base : uint8_t { range, texts, array };
  Base base = Base::range;
  llvm::Value* begin = nullptr;  // elements [begin, end) of the base; begin <= end
  llvm::Value* end = nullptr;
  int64_t column = -1;                  // texts: all texts of this column
  llvm::Value* data = nullptr;          // array: RexpPair[]
  row::Kind element = row::Kind::none;  // of the base
  std::vector<row::ExprId> stages;      // map, filter, flat_map, in the order in which they apply
};

class Emitter {
 public:
  Emitter(Unit& unit, const row::RowFunction& function, const std::string& symbol);
  llvm::Function* run();

 private:
  using Visit = std::function<void(Value)>;
  struct Column {
    llvm::Value *rows, *data, *text_offsets, *list_offsets;
  };

  // emitter basics (lower.cpp)
  void load_arguments();
  void draw_choices();
  const row::Expr& at(row::ExprId id) const { return f_.exprs[static_cast<size_t>(id)]; }
  row::Kind kind(row::ExprId id) const { return at(id).type.kind; }
  llvm::Value* call(Helper helper, llvm::ArrayRef<llvm::Value*> args);
  llvm::Value* i64(int64_t value) { return b_.getInt64(static_cast<uint64_t>(value)); }
  llvm::BasicBlock* block(const char* name);
  llvm::AllocaInst* slot(llvm::Type* type, const char* name);  // a variable of the frame
  llvm::Value* load_constant(llvm::Type* type, llvm::Value* base,
                             llvm::Value* bytes);  // memory that no row function writes
  llvm::Value* load_field(llvm::Type* type, llvm::Value* base, size_t offset);
  llvm::Value* element_of(llvm::Type* type, llvm::Value* base, llvm::Value* index);
  llvm::Value* constant_array(llvm::Constant* data, const char* name);
  /// Emits `then` and `otherwise` in blocks of their own and continues behind both.
  void branch(llvm::Value* condition, const std::function<void()>& then,
              const std::function<void()>& otherwise);
  /// Computes what begins here; called wherever code starts that does not always run, or runs per element.
  void enter(Placement::Region region);
  Value merge(Value a, llvm::BasicBlock* from_a, Value b, llvm::BasicBlock* from_b);

  // scalars.cpp
  Value value(row::ExprId id);
  Value compute(row::ExprId id);
  llvm::Value* scalar(row::ExprId id) { return value(id).a; }
  llvm::Value* real(row::ExprId id);
  Value if_value(row::ExprId id);
  llvm::Value* logic(row::ExprId id);
  Value column(const row::Expr& e);
  /// base[index], or `otherwise` where `index` is no row.
  llvm::Value* element_or(llvm::Type* type, llvm::Value* base, llvm::Value* index,
                          llvm::Value* valid, llvm::Constant* otherwise);
  Value text_at(const Column& column, llvm::Value* index);
  llvm::Value* compare(const row::Expr& e);
  llvm::Value* compare_values(row::Op op, row::Kind kind, Value x, Value y);
  llvm::Value* real_arithmetic(const row::Expr& e);
  llvm::Value* integer_arithmetic(const row::Expr& e);
  llvm::Value* floor(const row::Expr& e);
  llvm::Value* text_slot(Value text, llvm::AllocaInst* slot);
  Value built_text(const row::Expr& e);
  Value const_text(const std::string& text);

  // lists.cpp
  List list(row::ExprId id);
  List compute_list(row::ExprId id);
  bool one_to_one(
      const List& list) const;  // element i is made of element begin + i of the base alone
  List range(const row::Expr& e);
  List texts(const row::Expr& e);
  List make_list(const row::Expr& e);
  List cut(const row::Expr& e);
  List chosen(const row::Expr& e);  // most_common, sample
  List if_list(row::ExprId id);
  List array(llvm::Value* list, row::Kind element);  // what a RexpList holds
  List materialised(const List& list, row::Kind element);
  llvm::Value* filled(const List& list, row::Kind element);  // a RexpList in the frame
  llvm::Value* length(row::ExprId id);
  llvm::Value* contains(const row::Expr& e);
  void each(const List& list, const Visit& visit);
  void each_stage(const List& list, size_t stage, Value element, const Visit& visit);
  Value base_element(const List& list, llvm::Value* index);
  Value unpack(row::Kind kind, llvm::Value* a, llvm::Value* b);
  std::pair<llvm::Value*, llvm::Value*> pack(row::Kind kind, Value value);

  // statements.cpp
  void body(const std::vector<row::StmtId>& stmts);
  void stmt(row::StmtId id);
  void print(row::ExprId id, bool masked);
  void append(row::ExprId id);
  void append_parts(const row::Expr& e);
  void append_value(row::Kind kind, Value value);
  void for_each(row::StmtId id);
  /// Walks a list; `between` runs before every element but the first.
  void each_separated(const List& list, const std::function<void()>& between, const Visit& visit);
  void choose(row::StmtId id);
  void stop(const row::Stmt& s);
  void store_result(llvm::Value* value);

  // tokens.cpp
  void open_tokens();
  void close_tokens();
  void call_on_tokens(Helper helper, llvm::ArrayRef<llvm::Value*> args);
  void emit_ids(const std::vector<int32_t>& ids, bool masked);
  void emit_sid(Value sid, bool masked);
  void ensure_room(int64_t count);
  llvm::Value* sink_field(size_t offset);
  llvm::Value* end_of(llvm::AllocaInst* array, int64_t width);  // where the next element goes
  void advance(llvm::Value* count);
  llvm::Value* sid_table(llvm::Value* number);

  Unit& unit_;
  const row::RowFunction& f_;
  const Placement placement_;
  llvm::IRBuilder<> b_;
  llvm::Function* fn_;
  llvm::BasicBlock* entry_;  // variables of the frame, and loads of everything that stays
  llvm::Value *context_, *row_, *stream_, *sink_, *sids_;
  llvm::Type *i8_, *i64_, *real_, *pointer_;
  llvm::StructType *text_type_, *list_type_, *pair_type_;
  std::vector<llvm::Value*> slots_;  // i64
  std::vector<Column> columns_;
  std::vector<Value> vars_;    // what loops and choices bind
  std::vector<Value> values_;  // of shared expressions, where they have been computed
  std::vector<List> lists_;
  llvm::AllocaInst *text_a_ = nullptr, *text_b_ = nullptr;
  std::map<llvm::Constant*, llvm::Value*> absent_;  // what is read instead of what is not there
  llvm::AllocaInst *ids_ = nullptr, *trained_ = nullptr, *levels_ = nullptr, *size_ = nullptr,
                   *capacity_ = nullptr;  // the sink's, while only this code writes tokens
};

}  // namespace rexp::lower
