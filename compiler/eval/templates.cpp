// A template applied to a row: an example. Its turns become statements of the row function in place.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

void collect_variants(const ast::Module& tree, const std::vector<ast::TurnId>& turns,
                      std::vector<std::string>* names) {
  auto add = [&](const ast::OneOf& options) {
    for (const ast::Variant& variant : options.variants) {
      if (std::find(names->begin(), names->end(), variant.name.text) == names->end())
        names->push_back(variant.name.text);
    }
  };
  for (ast::TurnId id : turns) {
    const ast::Turn& turn = tree[id];
    if (const auto* said = std::get_if<ast::Turn::Said>(&turn.node)) {
      if (const auto* options = std::get_if<ast::OneOf>(&said->content)) add(*options);
    } else if (const auto* choice = std::get_if<ast::Turn::Choice>(&turn.node)) {
      add(choice->options);
    } else if (const auto* loop = std::get_if<ast::Turn::ForEach>(&turn.node)) {
      collect_variants(tree, loop->body, names);
    } else if (const auto* test = std::get_if<ast::Turn::If>(&turn.node)) {
      collect_variants(tree, test->then, names);
      collect_variants(tree, test->otherwise, names);
    }
  }
}

}  // namespace

std::vector<std::string> variants_of(const check::Program& program, Symbol symbol) {
  std::vector<std::string> names;
  const auto& wording = std::get<ast::TemplateDecl>(program.decl(symbol).node);
  collect_variants(program.module(symbol.module).tree, wording.turns, &names);
  return names;
}

Maybe run_template(Evaluator& e, const TemplateRef& wording, const std::vector<Given>& arguments,
                   const Place& place) {
  const ast::Decl& decl = e.program.decl(wording.symbol);
  const auto& declared = std::get<ast::TemplateDecl>(decl.node);
  if (place.scope.row == nullptr)
    return fail(e, Kind::not_in_row_function, place.span,
                "a template is applied to the rows of a task, there is no row here",
                "write `[" + decl.name.text + "(…) for w in …]`");
  EnvironmentPtr names;
  for (size_t i = 0; i < arguments.size(); ++i)
    names = bind(names, declared.parameters[i].name.text, arguments[i].value, arguments[i].span);
  std::string variant = wording.variant;
  if (variant.empty() && wording.symbol == e.settings.narrowed) variant = e.settings.narrowed_to;
  TemplateRun run{wording.symbol, variant, false, false};
  Statements body;
  const Scope scope{wording.symbol.module, std::move(names), place.scope.row};
  if (!run_turns(e, scope, declared.turns, run, &body)) return std::nullopt;
  return shared_value(
      Example{std::move(body), wording.symbol, std::move(variant), run.trains, run.answers});
}

namespace intrinsic {

Maybe template_variants(Evaluator& e, std::vector<Value>& a, const Place& place) {
  const auto* wording = a[0].as<TemplateRef>();
  if (wording == nullptr)
    return fail(e, Kind::wrong_type, place.span,
                "found a " + described(e, a[0]) + ", a template is required");
  std::vector<Value> all;
  for (const std::string& variant : variants_of(e.program, wording->symbol))
    all.push_back(Value{TemplateRef{wording->symbol, variant}});
  return list_value(std::move(all));
}

}  // namespace intrinsic

}  // namespace rexp::eval
