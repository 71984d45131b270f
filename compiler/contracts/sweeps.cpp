// Sweeps: every point is an experiment like any other, and what is shown is not decided on test (R0309).
//
//   sweep s { of = e; grid { p.ask in [plain, titled] } }     R0312 when `titled` shows the answer
#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using check::Symbol;

namespace {

bool calls(const Evaluator& e, check::ModuleId module, ast::ExprId id, Intrinsic which) {
  const auto* call = std::get_if<ast::Call>(&e.program.module(module).tree[id].node);
  return call != nullptr &&
         e.intrinsics.of(e.typed.at(module, call->callee).target.symbol) == which;
}

void check_show(Subject& s, check::ModuleId module, ast::ExprId value) {
  if (!calls(s.e, module, value, Intrinsic::best)) return;
  const auto best = eval::evaluate(s.e, {module, nullptr, nullptr}, value);
  if (!best) return;
  s.values = {*best};
  check_choices(s);
}

constexpr size_t kMostPoints = 1000;  // that are looked at; the rest differs in the same values

void check_points(Evaluator& e, check::Typed& typed, const eval::SweepValue& sweep) {
  for (size_t i = 0; i < sweep.points.size() && i < kMostPoints; ++i) {
    eval::Settings settings = e.settings;
    settings.experiment = e.program.decl(sweep.experiment).name.text;
    settings.assignments.insert(settings.assignments.begin(), sweep.points[i].begin(),
                                sweep.points[i].end());
    settings.axes = sweep.points[i].size();
    Evaluator point(e.program, typed, std::move(settings));
    if (!eval::has_all_parameters(point, sweep.experiment)) continue;
    const auto value = eval::evaluate_experiment(point, sweep.experiment);
    if (value) check_experiment(point, typed, sweep.experiment, *value, /*run=*/false);
  }
}

}  // namespace

void check_sweeps(Evaluator& e, check::Typed& typed, const std::vector<eval::SweepValue>& sweeps) {
  Subject s{e, typed, {}, {}};
  for (const eval::SweepValue& sweep : sweeps) {
    check_points(e, typed, sweep);
    const Symbol symbol = sweep.symbol;
    const auto& block = std::get<ast::BlockDecl>(e.program.decl(symbol).node);
    const auto* body = std::get_if<ast::BodyId>(&block.value);
    if (body == nullptr) continue;
    const ast::Module& tree = e.program.module(symbol.module).tree;
    for (const ast::Item& item : tree[*body].items) {
      const bool show = item.kind == ast::Item::Kind::assign && item.path.size() == 1 &&
                        item.path[0].text == "show";
      if (show) check_show(s, symbol.module, item.value);
    }
  }
}

}  // namespace rexp::contracts
