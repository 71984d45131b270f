#include "compiler/eval/row_builder.h"

#include <map>

namespace rexp::elaborate {
using row::ExprId;
using row::Op;
using row::StmtId;
using row::StmtOp;
using row::Type;

int64_t RowBuilder::slot(std::string name, Type type) {
  function_.slots.push_back({std::move(name), type});
  return static_cast<int64_t>(function_.slots.size()) - 1;
}

ExprId RowBuilder::add(Op op, Type type, std::vector<ExprId> args, int64_t number) {
  function_.exprs.push_back({op, type, std::move(args), number, 0, {}});
  return static_cast<ExprId>(function_.exprs.size()) - 1;
}

ExprId RowBuilder::constant(int64_t value) {
  return add(Op::const_int, {row::Kind::integer}, {}, value);
}
ExprId RowBuilder::constant(bool value) {
  return add(Op::const_bool, {row::Kind::boolean}, {}, value ? 1 : 0);
}

ExprId RowBuilder::constant(double value) {
  const ExprId id = add(Op::const_real, {row::Kind::real});
  function_.exprs.back().real = value;
  return id;
}

ExprId RowBuilder::constant(const std::string& value) {
  const ExprId id = add(Op::const_text, {row::Kind::text});
  function_.exprs.back().text = value;
  return id;
}

int64_t RowBuilder::column_index(int dataset, const std::string& table, const std::string& name,
                                 Type type) {
  const row::ColumnRef wanted{dataset, table, name, type};
  for (size_t i = 0; i < function_.columns.size(); ++i) {
    if (function_.columns[i] == wanted) return static_cast<int64_t>(i);
  }
  function_.columns.push_back(wanted);
  return static_cast<int64_t>(function_.columns.size()) - 1;
}

ExprId RowBuilder::column(int dataset, const std::string& table, const std::string& name, Type type,
                          ExprId index) {
  return add(Op::column, type, {index}, column_index(dataset, table, name, type));
}

ExprId RowBuilder::item_of(int dataset, ExprId event) {
  return add(Op::item_of, {row::Kind::item}, {event},
             column_index(dataset, "events", "item", {row::Kind::integer}));
}

ExprId RowBuilder::sid(int codebook, ExprId item) {
  size_t at = 0;
  while (at < function_.codebooks.size() && function_.codebooks[at] != codebook) ++at;
  if (at == function_.codebooks.size()) function_.codebooks.push_back(codebook);
  return add(Op::sid, {row::Kind::sid}, {item}, static_cast<int64_t>(at));
}

StmtId RowBuilder::add(row::Stmt statement) {
  function_.stmts.push_back(std::move(statement));
  return static_cast<StmtId>(function_.stmts.size()) - 1;
}

namespace {

/// Copies what is reachable; expressions, columns, codebooks and variables are numbered in the order in which they are met.
class Compaction {
 public:
  explicit Compaction(const row::RowFunction& from) : from_(from) {
    out_.kind = from.kind;
    out_.name = from.name;
    out_.slots = from.slots;
  }

  ExprId expr(ExprId id) {
    if (id < 0) return id;
    if (auto at = exprs_.find(id); at != exprs_.end()) return at->second;
    row::Expr copy = from_.exprs[static_cast<size_t>(id)];
    const bool binds = copy.op == Op::map || copy.op == Op::filter || copy.op == Op::flat_map;
    for (size_t i = 0; i < copy.args.size(); ++i) {
      if (binds && i == 1) copy.number = variable(copy.number);
      copy.args[i] = expr(copy.args[i]);
    }
    if (copy.op == Op::var) copy.number = variable(copy.number);
    if (copy.op == Op::column || copy.op == Op::item_of) copy.number = column(copy.number);
    if (copy.op == Op::sid) copy.number = codebook(copy.number);
    out_.exprs.push_back(std::move(copy));
    return exprs_[id] = static_cast<ExprId>(out_.exprs.size()) - 1;
  }

  std::vector<StmtId> body(const std::vector<StmtId>& stmts) {
    std::vector<StmtId> copies;
    for (StmtId id : stmts) copies.push_back(stmt(id));
    return copies;
  }

  row::RowFunction take(ExprId result, std::vector<StmtId> stmts) {
    out_.result = result;
    out_.body = std::move(stmts);
    out_.vars = static_cast<int32_t>(vars_.size());
    return std::move(out_);
  }

 private:
  StmtId stmt(StmtId id) {
    row::Stmt copy = from_.stmts[static_cast<size_t>(id)];
    copy.expr = expr(copy.expr);
    if (copy.op == StmtOp::for_each || copy.op == StmtOp::choose)
      copy.number = variable(copy.number);
    for (auto& inner : copy.bodies) inner = body(inner);
    out_.stmts.push_back(std::move(copy));
    return static_cast<StmtId>(out_.stmts.size()) - 1;
  }

  int64_t variable(int64_t old) {
    return vars_.try_emplace(old, static_cast<int64_t>(vars_.size())).first->second;
  }
  int64_t column(int64_t old) {
    auto [at, fresh] = columns_.try_emplace(old, static_cast<int64_t>(columns_.size()));
    if (fresh) out_.columns.push_back(from_.columns[static_cast<size_t>(old)]);
    return at->second;
  }
  int64_t codebook(int64_t old) {
    auto [at, fresh] = codebooks_.try_emplace(old, static_cast<int64_t>(codebooks_.size()));
    if (fresh) out_.codebooks.push_back(from_.codebooks[static_cast<size_t>(old)]);
    return at->second;
  }

  const row::RowFunction& from_;
  row::RowFunction out_;
  std::map<ExprId, ExprId> exprs_;
  std::map<int64_t, int64_t> vars_, columns_, codebooks_;
};

}  // namespace

row::RowFunction RowBuilder::finish(ExprId result) const {
  Compaction compaction(function_);
  const ExprId copy = compaction.expr(result);
  return compaction.take(copy, {});
}

row::RowFunction RowBuilder::finish(const std::vector<StmtId>& stmts) const {
  Compaction compaction(function_);
  std::vector<StmtId> copy = compaction.body(stmts);
  return compaction.take(-1, std::move(copy));
}

}  // namespace rexp::elaborate
