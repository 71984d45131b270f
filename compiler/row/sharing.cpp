#include "compiler/row/sharing.h"

#include <algorithm>

namespace rexp::row {
namespace {

class UseCount {
 public:
  explicit UseCount(const RowFunction& f) : f_(f), chosen_(static_cast<size_t>(f.vars), false) {
    out_.order.reserve(f.exprs.size());
    out_.uses.assign(f.exprs.size(), 0);
    out_.reads.resize(f.exprs.size());
    for (const Stmt& s : f.stmts) {
      if (s.op == StmtOp::choose) chosen_[static_cast<size_t>(s.number)] = true;
    }
  }

  Sharing run(ExprId result, const std::vector<StmtId>& stmts) {
    if (result >= 0) use(result);
    body(stmts);
    return std::move(out_);
  }

 private:
  void body(const std::vector<StmtId>& stmts) {
    for (StmtId id : stmts) {
      const Stmt& s = f_.stmts[static_cast<size_t>(id)];
      if (s.expr >= 0) use(s.expr);
      for (const auto& inner : s.bodies) body(inner);
    }
  }

  void use(ExprId id) {
    if (out_.uses[static_cast<size_t>(id)]++ > 0) return;
    const Expr& e = f_.exprs[static_cast<size_t>(id)];
    for (ExprId arg : e.args) use(arg);
    collect(e, &out_.reads[static_cast<size_t>(id)]);
    out_.order.push_back(id);
  }

  void collect(const Expr& e, std::vector<int64_t>* reads) const {
    if (e.op == Op::var && !chosen_[static_cast<size_t>(e.number)]) reads->push_back(e.number);
    for (size_t i = 0; i < e.args.size(); ++i) {
      for (const int64_t read : out_.reads[static_cast<size_t>(e.args[i])]) {
        if (binds(e.op) && i == 1 && read == e.number) continue;
        const auto at = std::ranges::lower_bound(*reads, read);
        if (at == reads->end() || *at != read) reads->insert(at, read);
      }
    }
  }

  const RowFunction& f_;
  std::vector<bool> chosen_;  // variables of choose statements: the same in the whole function
  Sharing out_;
};

}  // namespace

Sharing look_at_sharing(const RowFunction& function) {
  return look_at_sharing(function, function.result, function.body);
}

Sharing look_at_sharing(const RowFunction& function, ExprId result,
                        const std::vector<StmtId>& body) {
  return UseCount(function).run(result, body);
}

}  // namespace rexp::row
