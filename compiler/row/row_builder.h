// Makes one row function: expressions and statements are appended while an evaluator meets what depends on a row, and `finish`
// keeps what is used, in the order in which it is used, so that equal functions come out equal.
//
//   RowBuilder b(FunctionKind::predicate, "keep");
//   b.slot("history_begin", {Kind::event}); b.slot("history_end", {Kind::event});
//   ExprId history = b.add(Op::range, {Kind::list, Kind::event}, {}, 0);
//   ExprId length = b.add(Op::length, {Kind::integer}, {history});
//   RowFunction f = b.finish(b.add(Op::le, {Kind::boolean}, {b.constant(int64_t{5}), length}));
//
// Expressions are numbered by value: adding an expression that is there already gives its number, so what is used twice exists
// once. Every loop binds a variable of its own, so equal bodies over different variables are two. A statement may be put into two
// places; `finish` makes two of it, with loop variables of their own and the same choices.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compiler/row/row_tree.h"

namespace rexp::row {

class RowBuilder {
 public:
  RowBuilder(FunctionKind kind, std::string name) {
    function_.kind = kind;
    function_.name = std::move(name);
  }

  /// Appends a slot; its number.
  int64_t slot(std::string name, Type type);
  ExprId add(Op op, Type type, std::vector<ExprId> args = {}, int64_t number = 0);
  ExprId constant(int64_t value);
  ExprId constant(bool value);
  ExprId constant(double value);
  ExprId constant(const std::string& value);
  /// A column of a table of input `input`: "items", "events" or "users" of a dataset, "rows" of a rows artifact.
  ExprId column(int input, const std::string& table, const std::string& name, Type type,
                ExprId index);
  /// The item an event of dataset `dataset` happened to.
  ExprId item_of(int dataset, ExprId event) { return item_of(dataset, "events", "item", event); }
  /// The item in any column that holds items; `index` may be the element of a range (a pool is a range of such a column).
  ExprId item_of(int input, const std::string& table, const std::string& name, ExprId index);
  ExprId sid(int codebook, ExprId item);
  /// The result of a function without statements, where slot i is `arguments[i]`. Ranges have no place among its slots.
  ExprId call(const RowFunction& callee, const std::vector<ExprId>& arguments);
  /// A fresh variable: of a loop or a choice, or the use of a sample.
  int64_t variable() { return function_.vars++; }
  StmtId add(Stmt statement);

  const Type& type(ExprId id) const { return function_.exprs[static_cast<size_t>(id)].type; }
  const Expr& expr(ExprId id) const { return function_.exprs[static_cast<size_t>(id)]; }
  const Stmt& statement(StmtId id) const { return function_.stmts[static_cast<size_t>(id)]; }

  RowFunction finish(ExprId result) const;
  RowFunction finish(const std::vector<StmtId>& body) const;

 private:
  struct Hash {
    size_t operator()(const Expr& e) const;
  };
  struct Same {
    bool operator()(const Expr& a, const Expr& b) const;  // reals by their bits
  };
  ExprId intern(Expr e);
  int64_t column_index(int input, const std::string& table, const std::string& name, Type type);
  int64_t codebook_index(int codebook);

  RowFunction function_;
  std::unordered_map<Expr, ExprId, Hash, Same> known_;
};

}  // namespace rexp::row
