// A whole program as it stands, each part once.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

/// A block that waits for arguments: an experiment or a sweep, or one that its defaults make a value.
void add_block(Evaluator& e, Symbol symbol, const Value& block, Everything* out) {
  const auto info = e.typed.declarations.find(symbol);
  const TypeId type = info == e.typed.declarations.end() ? TypeId{} : info->second.type;
  if (e.program.is(type, Known::Sweep)) {
    if (auto sweep = evaluate_sweep(e, symbol)) out->sweeps.push_back(std::move(*sweep));
    return;
  }
  if (!has_all_parameters(e, symbol)) return;
  if (e.program.is(type, Known::Experiment)) {
    if (auto experiment = evaluate_experiment(e, symbol))
      out->experiments.emplace_back(symbol, std::move(*experiment));
    return;
  }
  const Span span = e.program.decl(symbol).name.span;
  if (Maybe made = apply(e, block, {}, {{symbol.module, nullptr, nullptr}, span, {}}))
    out->values.push_back(std::move(*made));
}

void add_declaration(Evaluator& e, Symbol symbol, Everything* out) {
  const ast::Decl& decl = e.program.decl(symbol);
  if (std::holds_alternative<ast::KindDecl>(decl.node)) return;
  if (const auto* require = std::get_if<ast::RequireDecl>(&decl.node)) {
    check_require(e, {symbol.module, nullptr, nullptr}, *require);
    return;
  }
  Maybe value = evaluate_declaration(e, symbol);
  if (!value) return;
  const bool block = std::holds_alternative<ast::BlockDecl>(decl.node);
  if (block && value->as<Callable>() != nullptr) return add_block(e, symbol, *value, out);
  if (block || std::holds_alternative<ast::LetDecl>(decl.node))
    out->values.push_back(std::move(*value));
}

}  // namespace

Everything evaluate_everything(Evaluator& e) {
  const std::vector<Symbol> symbols = e.program.user_declarations();
  Everything out;
  for (Symbol symbol : symbols) add_declaration(e, symbol, &out);
  std::vector<Value> datasets;
  for (const Value& value : out.values) {
    const auto* record = value.shared<Record>();
    if (record != nullptr && e.program.is(record->type, Known::Interactions))
      datasets.push_back(value);
  }
  for (Symbol symbol : symbols) reduce_declared(e, symbol, datasets);
  return out;
}

}  // namespace rexp::eval
