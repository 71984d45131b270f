// Where shared expressions are computed. A region is code that runs as a whole or not at all, or once per element: the function, a
// branch, the rest of an `and`, the body of a loop. A shared expression is computed where the smallest region that holds all of its
// uses begins; no operation can fail, so computing it too early does no harm, and that point comes before every use.
//
//   let n = expensive(u)
//   if late { "${n}" } else { "none, ${n}" }       both branches use n: computed in front of the `if`
//   if late { "${n} of ${n}" } else { "none" }     computed in the first branch
#pragma once

#include <vector>

#include "compiler/row/row_tree.h"
#include "compiler/row/sharing.h"

namespace rexp::lower {

class Placement {
 public:
  using Region = int32_t;
  static constexpr Region kFunction = 0;

  explicit Placement(const row::RowFunction& function);

  bool shared(row::ExprId id) const { return sharing_.shared(f_, id); }
  /// The shared expressions that a region begins with, arguments before users.
  const std::vector<row::ExprId>& starts(Region region) const {
    return starts_[static_cast<size_t>(region)];
  }
  /// The region of an argument that is not always computed; of a statement's body.
  Region of_argument(row::ExprId id, size_t arg) const {
    return of_exprs_[static_cast<size_t>(id)][arg];
  }
  Region of_body(row::StmtId id, size_t body) const {
    return of_stmts_[static_cast<size_t>(id)][body];
  }

 private:
  Region inside(Region parent);
  Region common(Region a, Region b) const;
  void use(row::ExprId id, Region region);
  void body(const std::vector<row::StmtId>& stmts, Region region);
  void arguments(row::ExprId id, Region region);

  const row::RowFunction& f_;
  row::Sharing sharing_;
  std::vector<Region> parents_;
  std::vector<int32_t> depths_;
  std::vector<Region> regions_;  // per expression: where it is computed
  std::vector<std::vector<Region>> of_exprs_, of_stmts_;
  std::vector<std::vector<row::ExprId>> starts_;
};

}  // namespace rexp::lower
