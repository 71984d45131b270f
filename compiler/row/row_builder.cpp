#include "compiler/row/row_builder.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>

#include "compiler/row/sharing.h"
#include "runtime/base/assert.h"

namespace rexp::row {

int64_t RowBuilder::slot(std::string name, Type type) {
  function_.slots.push_back({std::move(name), type});
  return static_cast<int64_t>(function_.slots.size()) - 1;
}

size_t RowBuilder::Hash::operator()(const Expr& e) const {
  size_t hash = std::hash<std::string_view>()(e.text);
  const auto add = [&](uint64_t value) { hash = (hash ^ value) * 0x100000001B3ull; };
  add(static_cast<uint64_t>(e.op));
  add(static_cast<uint64_t>(e.type.kind) << 8 | static_cast<uint64_t>(e.type.element));
  add(static_cast<uint64_t>(e.number));
  add(std::bit_cast<uint64_t>(e.real));
  for (ExprId arg : e.args) add(static_cast<uint64_t>(arg));
  return hash ^ (hash >> 29);
}

bool RowBuilder::Same::operator()(const Expr& a, const Expr& b) const {
  return a.op == b.op && a.type == b.type && a.number == b.number && a.args == b.args &&
         std::bit_cast<uint64_t>(a.real) == std::bit_cast<uint64_t>(b.real) && a.text == b.text;
}

ExprId RowBuilder::intern(Expr e) {
  const auto [at, fresh] =
      known_.try_emplace(std::move(e), static_cast<ExprId>(function_.exprs.size()));
  if (fresh) function_.exprs.push_back(at->first);
  return at->second;
}

ExprId RowBuilder::add(Op op, Type type, std::vector<ExprId> args, int64_t number) {
  return intern({op, type, std::move(args), number});
}

ExprId RowBuilder::constant(int64_t value) {
  return add(Op::const_int, {Kind::integer}, {}, value);
}
ExprId RowBuilder::constant(bool value) {
  return add(Op::const_bool, {Kind::boolean}, {}, value ? 1 : 0);
}
ExprId RowBuilder::constant(double value) {
  return intern({Op::const_real, {Kind::real}, {}, 0, value});
}
ExprId RowBuilder::constant(const std::string& value) {
  return intern({Op::const_text, {Kind::text}, {}, 0, 0, value});
}

int64_t RowBuilder::column_index(int input, const std::string& table, const std::string& name,
                                 Type type) {
  const ColumnRef wanted{input, table, name, type};
  for (size_t i = 0; i < function_.columns.size(); ++i) {
    if (function_.columns[i] == wanted) return static_cast<int64_t>(i);
  }
  function_.columns.push_back(wanted);
  return static_cast<int64_t>(function_.columns.size()) - 1;
}

ExprId RowBuilder::column(int input, const std::string& table, const std::string& name, Type type,
                          ExprId index) {
  return add(Op::column, type, {index}, column_index(input, table, name, type));
}

ExprId RowBuilder::item_of(int input, const std::string& table, const std::string& name,
                           ExprId index) {
  return add(Op::item_of, {Kind::item}, {index}, column_index(input, table, name, {Kind::integer}));
}

int64_t RowBuilder::codebook_index(int codebook) {
  size_t at = 0;
  while (at < function_.codebooks.size() && function_.codebooks[at] != codebook) ++at;
  if (at == function_.codebooks.size()) function_.codebooks.push_back(codebook);
  return static_cast<int64_t>(at);
}

ExprId RowBuilder::sid(int codebook, ExprId item) {
  return add(Op::sid, {Kind::sid}, {item}, codebook_index(codebook));
}

ExprId RowBuilder::call(const RowFunction& callee, const std::vector<ExprId>& arguments) {
  std::vector<ExprId> here(callee.exprs.size(), -1);  // arguments stand before their users
  std::unordered_map<int64_t, int64_t> variables;
  auto variable_here = [&](int64_t old) {
    const auto [at, fresh] = variables.try_emplace(old, 0);
    if (fresh) at->second = variable();
    return at->second;
  };
  for (size_t i = 0; i < callee.exprs.size(); ++i) {
    Expr copy = callee.exprs[i];
    REXP_ASSERT(copy.op != Op::range, "a range is passed to a function of items");
    if (copy.op == Op::param) {
      here[i] = arguments[static_cast<size_t>(copy.number)];
      continue;
    }
    for (ExprId& arg : copy.args) arg = here[static_cast<size_t>(arg)];
    if (binds(copy.op) || copy.op == Op::var || copy.op == Op::sample)
      copy.number = variable_here(copy.number);
    if (copy.op == Op::column || copy.op == Op::item_of) {
      const ColumnRef& column = callee.columns[static_cast<size_t>(copy.number)];
      copy.number = column_index(column.input, column.table, column.column, column.type);
    }
    if (copy.op == Op::sid)
      copy.number = codebook_index(callee.codebooks[static_cast<size_t>(copy.number)]);
    here[i] = intern(std::move(copy));
  }
  return here[static_cast<size_t>(callee.result)];
}

StmtId RowBuilder::add(Stmt statement) {
  function_.stmts.push_back(std::move(statement));
  return static_cast<StmtId>(function_.stmts.size()) - 1;
}

namespace {

/// Copies what is reachable; expressions, columns, codebooks and variables are numbered in the order in which they are met.
class Compaction {
 public:
  Compaction(const RowFunction& from, ExprId result, const std::vector<StmtId>& stmts)
      : from_(from), sharing_(look_at_sharing(from, result, stmts)), exprs_(from.exprs.size(), -1) {
    out_.kind = from.kind;
    out_.name = from.name;
    out_.slots = from.slots;
  }

  ExprId expr(ExprId id) {
    if (id < 0) return id;
    if (exprs_[static_cast<size_t>(id)] >= 0) return exprs_[static_cast<size_t>(id)];
    Expr copy = from_.exprs[static_cast<size_t>(id)];
    for (size_t i = 0; i < copy.args.size(); ++i) {
      if (binds(copy.op) && i == 1) copy.number = loop_variable(copy.number);
      copy.args[i] = expr(copy.args[i]);
    }
    if (copy.op == Op::var || copy.op == Op::sample) copy.number = variable(copy.number);
    if (copy.op == Op::column || copy.op == Op::item_of) copy.number = column(copy.number);
    if (copy.op == Op::sid) copy.number = codebook(copy.number);
    out_.exprs.push_back(std::move(copy));
    return exprs_[static_cast<size_t>(id)] = static_cast<ExprId>(out_.exprs.size()) - 1;
  }

  std::vector<StmtId> body(const std::vector<StmtId>& stmts) {
    std::vector<StmtId> copies;
    for (StmtId id : stmts) copies.push_back(stmt(id));
    return copies;
  }

  RowFunction take(ExprId result, std::vector<StmtId> stmts) {
    out_.result = result;
    out_.body = std::move(stmts);
    out_.vars = vars_made_;
    return std::move(out_);
  }

 private:
  StmtId stmt(StmtId id) {
    Stmt copy = from_.stmts[static_cast<size_t>(id)];
    copy.expr = expr(copy.expr);
    if (copy.op == StmtOp::for_each) copy.number = loop_variable(copy.number);
    if (copy.op == StmtOp::choose) copy.number = variable(copy.number);
    for (auto& inner : copy.bodies) inner = body(inner);
    out_.stmts.push_back(std::move(copy));
    return static_cast<StmtId>(out_.stmts.size()) - 1;
  }

  int64_t variable(int64_t old) {
    const auto [at, fresh] = vars_.try_emplace(old, vars_made_);
    if (fresh) ++vars_made_;
    return at->second;
  }
  /// A loop that stands in a second place gets a second variable, and what reads the first is copied again.
  int64_t loop_variable(int64_t old) {
    if (vars_.erase(old) > 0) {
      for (ExprId id : sharing_.order) {
        const auto& reads = sharing_.reads[static_cast<size_t>(id)];
        if (std::ranges::binary_search(reads, old)) exprs_[static_cast<size_t>(id)] = -1;
      }
    }
    return variable(old);
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

  const RowFunction& from_;
  const Sharing sharing_;
  RowFunction out_;
  std::vector<ExprId> exprs_;
  std::unordered_map<int64_t, int64_t> vars_, columns_, codebooks_;
  int32_t vars_made_ = 0;
};

}  // namespace

RowFunction RowBuilder::finish(ExprId result) const {
  Compaction compaction(function_, result, {});
  const ExprId copy = compaction.expr(result);
  return compaction.take(copy, {});
}

RowFunction RowBuilder::finish(const std::vector<StmtId>& stmts) const {
  Compaction compaction(function_, -1, stmts);
  std::vector<StmtId> copy = compaction.body(stmts);
  return compaction.take(-1, std::move(copy));
}

}  // namespace rexp::row
