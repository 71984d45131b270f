// A template applied to a row: an example. Its turns become statements of the row function in place.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

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
    names =
        bind_name(names, declared.parameters[i].name.text, arguments[i].value, arguments[i].span);
  std::string variant = wording.variant;
  if (variant.empty() && wording.symbol == e.settings.narrowed) variant = e.settings.narrowed_to;
  TemplateRun run{std::move(variant), false};
  Statements body;
  const Scope scope{wording.symbol.module, std::move(names), place.scope.row};
  if (!run_turns(e, scope, declared.turns, run, &body)) return std::nullopt;
  return shared_value(Example{std::move(body), {wording.symbol}, run.trains});
}

Maybe choose_example(Evaluator& e, const Scope& scope, const Value& condition, const Example& then,
                     const Example& otherwise, Span span) {
  const auto test = lift(e, scope, condition, span);
  if (!test) return std::nullopt;
  row::Stmt branch = statement(row::StmtOp::if_, *test);
  branch.bodies = {then.body, otherwise.body};
  Example out{{scope.row->add(std::move(branch))}, then.templates, then.trains && otherwise.trains};
  for (const Symbol other : otherwise.templates) {
    if (std::ranges::find(out.templates, other) == out.templates.end())
      out.templates.push_back(other);
  }
  return shared_value(std::move(out));
}

std::string names_of(const check::Program& program, const std::vector<Symbol>& templates) {
  std::string out;
  for (const Symbol one : templates)
    out += (out.empty() ? "" : " or ") + program.decl(one).name.text;
  return out;
}

namespace intrinsic {

Maybe template_variants(Evaluator& e, std::vector<Value>& a, const Place& place) {
  const auto* wording = a[0].as<TemplateRef>();
  if (wording == nullptr)
    return fail(e, Kind::wrong_type, place.span,
                "found a " + described(e, a[0]) + ", a template is required");
  std::vector<Value> all;
  for (const std::string& variant : check::variants_of(e.program, wording->symbol))
    all.push_back(Value{TemplateRef{wording->symbol, variant}});
  return list_value(std::move(all));
}

}  // namespace intrinsic

}  // namespace rexp::eval
