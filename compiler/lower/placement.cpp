#include "compiler/lower/placement.h"

#include <algorithm>

namespace rexp::lower {

using row::Expr;
using row::ExprId;
using row::Op;
using row::Stmt;
using row::StmtId;

Placement::Placement(const row::RowFunction& function)
    : f_(function),
      sharing_(row::look_at_sharing(function)),
      parents_{kFunction},
      depths_{0},
      regions_(function.exprs.size(), -1),
      of_exprs_(function.exprs.size()),
      of_stmts_(function.stmts.size()) {
  if (f_.result >= 0) use(f_.result, kFunction);
  body(f_.body, kFunction);
  // users before arguments: an expression's region is known when all of its uses are
  for (auto id = sharing_.order.rbegin(); id != sharing_.order.rend(); ++id)
    arguments(*id, regions_[static_cast<size_t>(*id)]);
  starts_.resize(parents_.size());
  for (ExprId id : sharing_.order) {
    if (shared(id)) starts_[static_cast<size_t>(regions_[static_cast<size_t>(id)])].push_back(id);
  }
}

Placement::Region Placement::inside(Region parent) {
  parents_.push_back(parent);
  depths_.push_back(depths_[static_cast<size_t>(parent)] + 1);
  return static_cast<Region>(parents_.size()) - 1;
}

Placement::Region Placement::common(Region a, Region b) const {
  while (a != b) {
    Region& deeper = depths_[static_cast<size_t>(a)] >= depths_[static_cast<size_t>(b)] ? a : b;
    deeper = parents_[static_cast<size_t>(deeper)];
  }
  return a;
}

void Placement::use(ExprId id, Region region) {
  Region& known = regions_[static_cast<size_t>(id)];
  known = known < 0 ? region : common(known, region);
}

void Placement::body(const std::vector<StmtId>& stmts, Region region) {
  for (StmtId id : stmts) {
    const Stmt& s = f_.stmts[static_cast<size_t>(id)];
    if (s.expr >= 0) use(s.expr, region);
    for (const auto& inner : s.bodies) {
      const Region own = inside(region);
      of_stmts_[static_cast<size_t>(id)].push_back(own);
      body(inner, own);
    }
  }
}

void Placement::arguments(ExprId id, Region region) {
  const Expr& e = f_.exprs[static_cast<size_t>(id)];
  const bool decides = e.op == Op::and_ || e.op == Op::or_;
  Region here = region;
  for (size_t i = 0; i < e.args.size(); ++i) {
    const bool apart = i > 0 && (decides || e.op == Op::if_ || row::binds(e.op));
    if (apart) here = inside(decides ? here : region);
    of_exprs_[static_cast<size_t>(id)].push_back(here);
    use(e.args[i], here);
  }
}

}  // namespace rexp::lower
