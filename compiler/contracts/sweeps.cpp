// Sweeps: their points can be listed, and what they show is not decided on test (R0309). Showing is not available yet (R0603).
#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using check::Symbol;
using diagnostics::Kind;

namespace {

bool calls(const Evaluator& e, check::ModuleId module, ast::ExprId id, Intrinsic which) {
  const auto* call = std::get_if<ast::Call>(&e.program.module(module).tree[id].node);
  return call != nullptr && e.intrinsics.of(e.typed.at(module, call->callee).target.symbol) == which;
}

void check_show(Subject& s, check::ModuleId module, ast::ExprId value) {
  if (calls(s.e, module, value, Intrinsic::best)) {
    if (const auto best = eval::evaluate(s.e, {module, nullptr, nullptr}, value)) {
      s.values = {*best};
      check_choices(s);
    }
  }
  s.e.program.sink.add(Kind::not_available_yet, s.e.program.module(module).tree[value].span,
                       "what a sweep shows is part of the language but not available yet in this "
                       "version")
      .help = "leave `show` out: `rexp check` lists the points of a sweep all the same";
}

}  // namespace

void check_sweeps(Evaluator& e, check::Typed& typed) {
  Subject s{e, typed, {}, {}};
  for (const Symbol symbol : blocks_of(e.program, Known::Sweep)) {
    if (!eval::evaluate_sweep(e, symbol)) continue;
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
