// Random row functions, well typed by construction, over the slots and columns of row_fixture.h.
#pragma once

#include <map>
#include <set>

#include "runtime/base/random.h"
#include "tests/property/row_fixture.h"

namespace rexp::testing {

class Generator {
 public:
  explicit Generator(uint64_t seed) : seed_(seed), b_(row::FunctionKind::renderer) {}

  /// A function of any kind but a renderer.
  row::RowFunction scalar(row::FunctionKind kind);
  /// A renderer with turns, not woven yet. `answer`: its last turn prints the sid of `next`.
  row::RowFunction renderer(bool answer);

 private:
  struct Bound {
    int32_t var;
    row::Type type;
  };
  void start(row::FunctionKind kind);
  uint64_t pick(uint64_t n) { return below(seed_, use_++, n); }
  bool chance(uint64_t percent) { return pick(100) < percent; }
  row::Type element_type();
  /// An expression of some type; sometimes one that is there already, if the variables it reads are bound here.
  row::ExprId expr(row::Type type, int depth);
  row::ExprId fresh_expr(row::Type type, int depth);
  row::ExprId remember(row::ExprId id, row::Type type, int depth);
  bool in_scope(row::ExprId id);
  row::ExprId leaf(row::Type type);
  row::ExprId boolean(int depth);
  row::ExprId integer(int depth);
  row::ExprId real(int depth);
  row::ExprId text(int depth);
  row::ExprId sid(int depth);
  row::ExprId list(row::Type element, int depth);
  row::ExprId fresh_list(row::Type element, int depth);
  row::ExprId loop(row::Op op, row::Type type, int depth);
  row::ExprId with_var(row::Type element, int32_t* var, row::Type body, int depth);
  row::ExprId const_text();
  std::vector<row::StmtId> content(int depth);
  row::StmtId statement(int depth);

  struct Made {
    row::ExprId id;
    row::Type type;
    int depth;
  };

  uint64_t seed_;
  uint64_t use_ = 0;
  Builder b_;
  std::vector<Bound> scope_;
  std::vector<Made> made_;
  std::map<row::ExprId, std::set<int64_t>> reads_;
};

}  // namespace rexp::testing
