// A row function, closed and typed: what is left of an expression once everything known while compiling has been evaluated,
// calls of rexp functions have been inlined and names are gone. The interpreter runs it, `lower` turns it into LLVM IR, and its
// canonical text is hashed into the key of the node that uses it.
//
//   task next = [next_film(w.history, w.next) for w in films.train.windows(max = 20)]
//
// gives one renderer: parameters history (two slots, begin and end of a range of events) and next (one slot, an event), and a
// body of statements: turn(system) { text "你是…" } turn(user) { choose … for e in history sep "、" { sid(item_of(e)) } … }.
//
// Values: Bool, Int and Float are scalars. Text is a view. An Item is its index in the catalogue, an Event its index in the event
// table, a Sid the index of its item (with a codebook slot); -1 is an item that does not exist. A list is lowered as a loop, and
// materialised only where an operation needs it (`last` of something that is not a range, `most_common`) or two uses share it.
//
// Expressions form a graph without cycles: what is used twice stands there once (row_builder.h), is computed at most once in its
// surroundings and printed once into the canonical text. Statements form a tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rexp::row {

enum class Kind : uint8_t { none, boolean, integer, real, text, item, event, sid, list };

/// Type of a row value. Lists nest through `element`; a list of events may be a Range.
struct Type {
  Kind kind = Kind::none;
  Kind element = Kind::none;  // of a list (lists of lists do not exist in row functions)
  bool operator==(const Type&) const = default;
};

enum class Op : uint8_t {
#define REXP_ROW_OP(name) name,
#include "compiler/row/ops.def"
};
inline constexpr std::string_view kOpNames[] = {
#define REXP_ROW_OP(name) #name,
#include "compiler/row/ops.def"
};

using ExprId = int32_t;  // index into RowFunction::exprs; -1 = none
using StmtId = int32_t;  // index into RowFunction::stmts

struct Expr {
  Op op = Op::const_int;
  Type type;
  std::vector<ExprId> args = {};
  int64_t number =
      0;  // const_int, const_bool; slot of param; index of column/codebook/var/use, as ops.def says
  double real = 0;        // const_real
  std::string text = {};  // const_text
};

enum class StmtOp : uint8_t {
#define REXP_ROW_STMT(name) name,
#include "compiler/row/ops.def"
};
inline constexpr std::string_view kStmtNames[] = {
#define REXP_ROW_STMT(name) #name,
#include "compiler/row/ops.def"
};

enum class Role : uint8_t { system, user, assistant, document };

struct Stmt {
  StmtOp op = StmtOp::print;
  ExprId expr = -1;  // as ops.def says
  int64_t number = 0;
  Role role = Role::document;
  bool masked = false;
  std::vector<double> weights = {};
  std::vector<int32_t> ids = {};  // ids
  std::vector<std::vector<StmtId>> bodies =
      {};  // turn: 1; for_each: body, separator; if: then, else; choose: one per variant
};

/// A column that the function reads. `input` is an index into the plan node's inputs (a dataset or a rows artifact).
struct ColumnRef {
  int32_t input = 0;
  std::string table;  // "items", "events", "users" of a dataset; "rows" of a rows artifact
  std::string column;
  Type type;  // integer, real, text, or list of text
  bool operator==(const ColumnRef&) const = default;
};

/// One parameter slot. A history takes two slots (begin, end); everything else takes one.
struct Slot {
  std::string
      name;  // column of the rows artifact: "history_begin", "history_end", "next", "item", "user", "step", "total"
  Type type;
};

enum class FunctionKind : uint8_t { renderer, predicate, text, real_function, integer_function };

struct RowFunction {
  FunctionKind kind = FunctionKind::renderer;
  std::string name;  // of the task, stage or template, for messages
  std::vector<Slot> slots;
  std::vector<ColumnRef> columns;
  std::vector<int32_t>
      codebooks;  // inputs of the node that are codebooks, in the order of RexpRowContext::sids
  std::vector<Expr> exprs;
  std::vector<Stmt> stmts;
  std::vector<StmtId> body;  // renderer: its statements
  ExprId result = -1;        // of every kind but a renderer
  int32_t vars = 0;          // number of loop variables and choices
};

/// Canonical text: equal for equal functions whatever the source looked like; the input of the node key's hash.
std::string canonical(const RowFunction& function);

}  // namespace rexp::row
