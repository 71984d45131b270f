// Experiments, requirements and local names.
#include "compiler/check/context.h"

namespace rexp::check {

void check_require(Checker& c, const Scope& scope, const ast::RequireDecl& require) {
  const Reads reads =
      expect(c, scope, require.condition, c.scalar(TypeKind::boolean), "a requirement").reads;
  check_world(c, scope, reads, World::constant, "a requirement",
              span_of(c, scope, require.condition));
  if (!require.message) return;
  ExprInfo message;
  check_text(c, scope, *require.message, &message);
}

Scope check_let(Checker& c, const Scope& scope, ast::DeclId id) {
  const ast::Decl& decl = c.tree(scope.module)[id];
  const auto* let = std::get_if<ast::LetDecl>(&decl.node);
  if (let == nullptr) return scope;
  Names entry;
  entry.name = decl.name.text;
  const TypeId wanted = let->type ? c.program.resolve(scope.module, *let->type) : TypeId{};
  const std::string what = "`" + decl.name.text + "`";
  const ExprInfo& info = let->type && is_lambda(c, scope, let->value)
                             ? expect_lambda(c, scope, let->value, wanted, what)
                         : let->type ? expect(c, scope, let->value, wanted, what)
                                     : infer(c, scope, let->value);
  const bool refine = !let->type || c.types().contains(wanted, TypeKind::hole);
  entry.type = refine || c.types().is_error(info.type) ? info.type : wanted;
  entry.reads = info.reads;
  if (is_lambda(c, scope, let->value) && c.types().kind(entry.type) == TypeKind::function) {
    entry.lambda = let->value;
    entry.written = std::make_shared<const Scope>(scope);
  } else {
    check_kept(c, scope, info, let->value);
  }
  Scope inner = scope;
  inner.names = bind_name(scope.names, std::move(entry));
  return inner;
}

namespace {

Scope check_parameters(Checker& c, Symbol symbol, const std::vector<ast::Parameter>& parameters) {
  Scope scope{symbol.module, nullptr, nullptr};
  std::set<std::string> seen;
  for (const ast::Parameter& p : parameters) {
    if (!seen.insert(p.name.text).second)
      report(c, Kind::duplicate_name, p.name.span,
             "parameter `" + p.name.text + "` is declared twice");
    const TypeId type = c.program.resolve(symbol.module, p.type);
    if (p.initial)
      expect(c, {symbol.module, nullptr, nullptr}, *p.initial, type, "`" + p.name.text + "`");
    scope.names = bind_name(scope.names, p.name.text, type, {});
  }
  return scope;
}

}  // namespace

void check_experiment(Checker& c, Symbol symbol) {
  const ast::Decl& decl = c.program.decl(symbol);
  const auto& block = std::get<ast::BlockDecl>(decl.node);
  const auto* body = std::get_if<ast::BodyId>(&block.value);
  if (body == nullptr) {
    report(c, Kind::wrong_type, decl.name.span, "an experiment is written with braces");
    return;
  }
  Scope scope = check_parameters(c, symbol, block.parameters);
  size_t outputs = 0;
  for (const ast::Item& item : c.tree(symbol.module)[*body].items) {
    const ast::Decl* local = item.decl.valid() ? &c.tree(symbol.module)[item.decl] : nullptr;
    if (item.kind == ast::Item::Kind::let) {
      scope = check_let(c, scope, item.decl);
    } else if (item.kind == ast::Item::Kind::require) {
      check_require(c, scope, std::get<ast::RequireDecl>(local->node));
    } else if (item.kind == ast::Item::Kind::assign && item.path.size() == 1) {
      ++outputs;
      const std::string& name = item.path[0].text;
      const ExprInfo info = infer(c, scope, item.value);
      if (find(scope.names, name) != nullptr)
        report(c, Kind::duplicate_name, item.path[0].span,
               "`" + name + "` is named twice in experiment `" + decl.name.text + "`");
      scope.names = bind_name(scope.names, name, info.type, info.reads);
    } else {
      report(c, Kind::wrong_type, item.span,
             "an experiment holds `let`, `require` and lines `name = …`");
    }
  }
  if (outputs == 0)
    report(c, Kind::nothing_to_run, decl.name.span,
           "experiment `" + decl.name.text + "` has no output, so there is nothing to run")
        .help = "name what it gives: `accuracy = base |> learn |> evaluate(last_one)`";
}

}  // namespace rexp::check
