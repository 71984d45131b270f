// The turns of a template, read from the top.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::StmtOp;

namespace {

bool run_content(Evaluator& e, const Printing& in, const ast::Turn::Said& said, Statements* out) {
  if (const auto* options = std::get_if<ast::OneOf>(&said.content))
    return run_one_of(e, in, *options, out);
  const ast::ExprId id = std::get<ast::ExprId>(said.content);
  const ast::Expr& expr = tree(e, in.scope.module)[id];
  if (const auto* literal = std::get_if<ast::TextLiteral>(&expr.node))
    return print_text(e, in, literal->text, out);
  const Maybe value = evaluate(e, in.scope, id);
  if (!value) return false;
  if (const auto* choice = value->shared<Choice>()) return print_choice(e, in, *choice, out);
  return print_value(e, in, *value, expr.span, out);
}

bool run_said(Evaluator& e, const Scope& scope, const ast::Turn::Said& said, TemplateRun& run,
              Statements* out) {
  row::Stmt turn = statement(StmtOp::turn);
  turn.role = static_cast<row::Role>(said.role);
  turn.masked = said.masked;
  Statements body;
  if (!run_content(e, {scope, &run}, said, &body)) return false;
  const bool spoken = said.role == ast::Role::assistant || said.role == ast::Role::document;
  run.trains = run.trains || (spoken && !said.masked);
  turn.bodies = {std::move(body)};
  out->push_back(scope.row->add(std::move(turn)));
  return true;
}

bool run_choice(Evaluator& e, Scope* scope, const ast::Turn::Choice& choice, TemplateRun& run,
                Statements* out) {
  const auto offered = offered_variants(e, choice.options, run);
  if (!offered) return false;
  Choice drawn{&choice.options, *offered, -1, -1, *scope};
  if (drawn.offered.size() == 1) {
    drawn.known = drawn.offered[0];
  } else {
    row::Stmt draw = statement(StmtOp::choose);
    draw.number = drawn.var = scope->row->variable();
    for (int index : drawn.offered)
      draw.weights.push_back(choice.options.variants[static_cast<size_t>(index)].weight);
    draw.bodies.resize(drawn.offered.size());
    out->push_back(scope->row->add(std::move(draw)));
  }
  scope->names = bind_name(scope->names, choice.name.text, shared_value(std::move(drawn)));
  return true;
}

bool run_for(Evaluator& e, const Scope& scope, const ast::Turn::ForEach& loop, TemplateRun& run,
             Statements* out) {
  const Span span = span_of(e, scope, loop.list);
  const Maybe items = evaluate(e, scope, loop.list);
  if (!items) return false;
  auto body_of = [&](const Value& element, Statements* body) {
    Scope inner = scope;
    inner.names = bind_name(scope.names, loop.variable.text, element);
    return run_turns(e, inner, loop.body, run, body);
  };
  if (const auto* elements = elements_of(*items)) {
    return std::all_of(elements->begin(), elements->end(),
                       [&](const Value& element) { return body_of(element, out); });
  }
  const Row* list = row_list(*items);
  if (list == nullptr) {
    report(e, Kind::wrong_type, span, "`for` goes through a list, found a " + described(e, *items));
    return false;
  }
  row::RowBuilder* builder = builder_of(e, scope, *list, span);
  if (builder == nullptr) return false;
  row::Stmt each = statement(StmtOp::for_each, list->expr);
  each.number = builder->variable();
  Statements body;
  if (!body_of(element_of(scope, *list, each.number), &body)) return false;
  each.bodies = {body, {}};
  out->push_back(builder->add(std::move(each)));
  return true;
}

bool run_if(Evaluator& e, const Scope& scope, const ast::Turn::If& test, TemplateRun& run,
            Statements* out) {
  const Span span = span_of(e, scope, test.condition);
  const Maybe condition = evaluate(e, scope, test.condition);
  if (!condition) return false;
  if (const auto* known = condition->as<bool>())
    return run_turns(e, scope, *known ? test.then : test.otherwise, run, out);
  const auto expr = lift(e, scope, *condition, span);
  Statements then, otherwise;
  if (!expr || !run_turns(e, scope, test.then, run, &then) ||
      !run_turns(e, scope, test.otherwise, run, &otherwise))
    return false;
  row::Stmt branch = statement(StmtOp::if_, *expr);
  branch.bodies = {then, otherwise};
  out->push_back(scope.row->add(std::move(branch)));
  return true;
}

}  // namespace

bool run_turns(Evaluator& e, const Scope& outer, const std::vector<ast::TurnId>& turns,
               TemplateRun& run, Statements* out) {
  Scope scope = outer;  // choices are seen by the turns behind them
  for (ast::TurnId id : turns) {
    const ast::Turn& turn = tree(e, scope.module)[id];
    if (!spend(e, turn.span)) return false;
    const bool fine = std::visit(
        Overloaded{
            [&](const ast::Turn::Said& said) { return run_said(e, scope, said, run, out); },
            [&](const ast::Turn::Choice& choice) {
              return run_choice(e, &scope, choice, run, out);
            },
            [&](const ast::Turn::ForEach& loop) { return run_for(e, scope, loop, run, out); },
            [&](const ast::Turn::If& test) { return run_if(e, scope, test, run, out); },
        },
        turn.node);
    if (!fine) return false;
  }
  return true;
}

}  // namespace rexp::eval
