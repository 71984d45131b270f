// One row function over one row. interp.cpp, scalars.cpp and lists.cpp each implement a part of it.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "compiler/row/row_tree.h"
#include "compiler/row/sharing.h"
#include "runtime/abi/row_helpers.h"

namespace rexp::interp {

using Value = RexpPair;
using List = std::vector<Value>;

inline Value of(int64_t a) { return {a, 0}; }
inline Value of(double real) { return {std::bit_cast<int64_t>(real), 0}; }
inline Value of(const RexpText& text) { return {std::bit_cast<int64_t>(text.data), text.size}; }
inline RexpText text_of(Value v) { return {std::bit_cast<const char*>(v.a), v.b}; }

class Interpreter {
 public:
  Interpreter(const row::RowFunction& function, const row::Sharing& sharing,
              const RexpRowContext& context, const int64_t* row, uint64_t stream, RexpSink* sink);
  int32_t run();

 private:
  const row::Expr& at(row::ExprId id) const { return f_.exprs[static_cast<size_t>(id)]; }
  row::Kind kind(row::ExprId id) const { return at(id).type.kind; }

  // Variables, and what was computed while they had their values.
  Value& var(int64_t number) { return vars_[static_cast<size_t>(number)]; }
  void bind(int64_t number, Value value);
  bool fresh(row::ExprId id);

  // Statements; false = a stop was met.
  void draw_choices();
  bool body(const std::vector<row::StmtId>& stmts);
  bool stmt(const row::Stmt& s);
  void print(row::ExprId id, uint8_t trained);
  bool for_each(const row::Stmt& s);

  // Texts.
  void append(row::ExprId id);
  void append_parts(const row::Expr& e);
  void append_value(row::Kind kind, Value v);
  Value built_text(const row::Expr& e);
  Value text_in(const RexpColumn& c, int64_t index) const;

  // Scalars.
  Value value(row::ExprId id);
  Value compute(const row::Expr& e);
  double real(row::ExprId id);
  int64_t floored(row::ExprId id);
  Value column(const row::Expr& e);
  int64_t length(row::ExprId id);
  bool contains(const row::Expr& e);
  bool mixed(row::ExprId a, row::ExprId b) const;
  bool equal(row::ExprId a, row::ExprId b);
  bool less(row::ExprId a, row::ExprId b);
  bool less_or_equal(row::ExprId a, row::ExprId b);
  double real_arithmetic(const row::Expr& e);
  int64_t integer_arithmetic(const row::Expr& e);

  // Lists.
  List list(row::ExprId id);
  List compute_list(const row::Expr& e);
  List texts(const row::Expr& e);
  List walk(const row::Expr& e);
  List cut(const row::Expr& e);
  List chosen(const row::Expr& e);

  const row::RowFunction& f_;
  const row::Sharing& sharing_;
  const RexpRowContext& context_;
  const int64_t* row_;
  uint64_t stream_;
  RexpSink* sink_;
  std::vector<Value> vars_;
  std::vector<int64_t> bound_at_;  // per variable, when it got its value
  std::vector<int64_t>
      computed_at_;  // per shared expression, when its latest variable got its value; -1 = never
  std::vector<Value> values_;  // of shared expressions
  std::vector<List> lists_;
  int64_t time_ = 0;
};

/// Equality of two values of one type.
bool equal_values(row::Kind kind, Value a, Value b);

}  // namespace rexp::interp
