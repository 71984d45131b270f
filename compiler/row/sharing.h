// Which expressions of a row function are used how often, and which loop variables they read. Everything that walks the graph
// of expressions asks this first, so that nothing is done twice for what stands there once.
//
//   let n = h.length                     n is used twice, reads no variable: computed once
//   [e.at - n * n for e in h]            the map's body reads e; the map as a whole reads nothing
#pragma once

#include <vector>

#include "compiler/row/row_tree.h"

namespace rexp::row {

/// True where the second argument is run for every element of the first, with `number` bound to it.
inline bool binds(Op op) { return op == Op::map || op == Op::filter || op == Op::flat_map; }

struct Sharing {
  std::vector<ExprId> order;  // what the result and the statements reach, arguments before users
  std::vector<int32_t> uses;  // per expression: arguments, statements and results that name it
  std::vector<std::vector<int64_t>> reads;  // per expression: loop variables bound outside, sorted

  /// Worth keeping: it is computed from something, and more than one place wants it.
  bool shared(const RowFunction& function, ExprId id) const {
    const auto at = static_cast<size_t>(id);
    return uses[at] > 1 && !function.exprs[at].args.empty();
  }
};

/// `function` has no cycle. Linear in its size.
Sharing look_at_sharing(const RowFunction& function);
/// Likewise of what another result or body reaches.
Sharing look_at_sharing(const RowFunction& function, ExprId result,
                        const std::vector<StmtId>& body);

}  // namespace rexp::row
