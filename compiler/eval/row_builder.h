// Makes one row function: expressions and statements are appended while the evaluator meets what depends on a row, and
// `finish` keeps what is used, in the order in which it is used, so that equal functions come out equal.
#pragma once

#include "compiler/row/row_tree.h"

namespace rexp::elaborate {

class RowBuilder {
 public:
  RowBuilder(row::FunctionKind kind, std::string name) {
    function_.kind = kind;
    function_.name = std::move(name);
  }

  /// Appends a slot; its number.
  int64_t slot(std::string name, row::Type type);
  row::ExprId add(row::Op op, row::Type type, std::vector<row::ExprId> args = {},
                  int64_t number = 0);
  row::ExprId constant(int64_t value);
  row::ExprId constant(bool value);
  row::ExprId constant(double value);
  row::ExprId constant(const std::string& value);
  /// A column of dataset `dataset`.
  row::ExprId column(int dataset, const std::string& table, const std::string& name, row::Type type,
                     row::ExprId index);
  /// The item an event happened to.
  row::ExprId item_of(int dataset, row::ExprId event);
  row::ExprId sid(int codebook, row::ExprId item);
  int64_t variable() { return function_.vars++; }
  row::StmtId add(row::Stmt statement);

  const row::Type& type(row::ExprId id) const {
    return function_.exprs[static_cast<size_t>(id)].type;
  }
  const row::Expr& expr(row::ExprId id) const { return function_.exprs[static_cast<size_t>(id)]; }
  const row::Stmt& statement(row::StmtId id) const {
    return function_.stmts[static_cast<size_t>(id)];
  }

  row::RowFunction finish(row::ExprId result) const;
  row::RowFunction finish(const std::vector<row::StmtId>& body) const;

 private:
  int64_t column_index(int dataset, const std::string& table, const std::string& name,
                       row::Type type);
  row::RowFunction function_;
};

}  // namespace rexp::elaborate
