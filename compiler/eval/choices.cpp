// `one of` and `choice`: wordings that are drawn for every example.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::StmtOp;

namespace {

row::ExprId drawn_is(const Scope& scope, const Choice& choice, size_t position) {
  row::RowBuilder& builder = *scope.row;
  const row::ExprId drawn = builder.add(row::Op::var, {row::Kind::integer}, {}, choice.var);
  const row::ExprId wanted = builder.constant(static_cast<int64_t>(position));
  return builder.add(row::Op::eq, {row::Kind::boolean}, {drawn, wanted});
}

}  // namespace

std::optional<std::vector<int>> offered_variants(Evaluator& e, const ast::OneOf& options,
                                                 const TemplateRun& run) {
  std::vector<int> offered;
  for (size_t i = 0; i < options.variants.size(); ++i) {
    if (!run.variant.empty() && options.variants[i].name.text == run.variant)
      return std::vector<int>{static_cast<int>(i)};
    if (!options.variants[i].held_out) offered.push_back(static_cast<int>(i));
  }
  if (!offered.empty()) return offered;
  return fail(e, Kind::trains_nothing, options.span,
              "every variant is held out, at least one has to be trained");
}

bool run_one_of(Evaluator& e, const Printing& in, const ast::OneOf& options, Statements* out) {
  const auto offered = offered_variants(e, options, *in.run);
  if (!offered) return false;
  row::Stmt draw = statement(StmtOp::choose);
  for (int index : *offered) {
    const ast::Variant& variant = options.variants[static_cast<size_t>(index)];
    Statements body;
    if (!print_text(e, in, variant.text, &body)) return false;
    if (variant.weight <= 0) {
      report(e, Kind::condition_fails, variant.name.span,
             "the weight of a variant has to be above zero");
      return false;
    }
    draw.weights.push_back(variant.weight);
    draw.bodies.push_back(std::move(body));
  }
  if (draw.bodies.size() == 1) {
    out->insert(out->end(), draw.bodies[0].begin(), draw.bodies[0].end());
    return true;
  }
  draw.number = in.scope.row->variable();
  out->push_back(in.scope.row->add(std::move(draw)));
  return true;
}

bool print_choice(Evaluator& e, const Printing& in, const Choice& choice, Statements* out) {
  const auto& variants = choice.options->variants;
  Printing inner = in;
  inner.scope.module = choice.scope.module;
  inner.scope.names = choice.scope.names;
  if (choice.known >= 0)
    return print_text(e, inner, variants[static_cast<size_t>(choice.known)].text, out);
  Statements chain;  // if drawn == 0 … else if drawn == 1 … else the last
  for (size_t i = choice.offered.size(); i-- > 0;) {
    Statements body;
    if (!print_text(e, inner, variants[static_cast<size_t>(choice.offered[i])].text, &body))
      return false;
    if (i + 1 == choice.offered.size()) {
      chain = std::move(body);
      continue;
    }
    row::Stmt test = statement(StmtOp::if_, drawn_is(in.scope, choice, i));
    test.bodies = {std::move(body), std::move(chain)};
    chain = {in.scope.row->add(std::move(test))};
  }
  out->insert(out->end(), chain.begin(), chain.end());
  return true;
}

Maybe text_of_choice(Evaluator& e, const Scope& scope, const Choice& choice, Span span) {
  if (scope.row != choice.scope.row)
    return fail(e, Kind::not_in_row_function, span, "this belongs to a row of another function");
  auto wording = [&](int index) {
    return evaluate_text(e, choice.scope,
                         choice.options->variants[static_cast<size_t>(index)].text);
  };
  if (choice.known >= 0) return wording(choice.known);
  Maybe chain = wording(choice.offered.back());
  for (size_t i = choice.offered.size() - 1; chain && i-- > 0;) {
    const Maybe text = wording(choice.offered[i]);
    if (!text) return std::nullopt;
    const Value here = row_value(scope, drawn_is(scope, choice, i));
    chain = choose_between(e, scope, here, *text, *chain, span);
  }
  return chain;
}

}  // namespace rexp::eval
