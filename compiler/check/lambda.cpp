// Functions without a name: w => w.history.length > 2
#include "compiler/check/context.h"

namespace rexp::check {

std::pair<TypeId, Label> unlabelled(Checker& c, TypeId type) {
  const TypeNode& node = c.types()[type];
  if (node.kind != TypeKind::labelled) return {type, Label::static_};
  return {node.arguments[0], static_cast<Label>(node.index)};
}

ExprInfo lambda_body(Checker& c, const Scope& scope, ast::ExprId id, TypeId function,
                     const std::vector<Reads>& reads) {
  const auto& lambda = std::get<ast::Lambda>(c.tree(scope.module)[id].node);
  const std::vector<TypeId> parts = c.types()[function].arguments;
  Scope inner = scope;
  inner.row = true;
  for (size_t i = 0; i < lambda.parameters.size() && i + 1 < parts.size(); ++i) {
    const auto [type, label] = unlabelled(c, parts[i]);
    Reads own = i < reads.size() ? reads[i] : Reads{};
    own.label = std::max(own.label, label);
    own.peak = std::max(own.peak, label);
    inner.names = bind_name(inner.names, lambda.parameters[i].text, type, own);
  }
  const auto [result, bound] = unlabelled(c, parts.back());
  const TypeKind kind = c.types().kind(result);
  const bool open = kind == TypeKind::hole || c.types().contains(result, TypeKind::variable);
  ExprInfo& body = open ? infer(c, inner, lambda.body)
                        : expect(c, inner, lambda.body, result, "the result of this function");
  const bool limited = c.types().kind(parts.back()) == TypeKind::labelled;
  if (limited && !c.types().is_error(body.type))
    check_label(c, scope, body.reads, bound, "the result of this function",
                span_of(c, inner, lambda.body), {});
  return body;
}

namespace {

void no_function_wanted(Checker& c, TypeId hint, Span span) {
  const bool wanted = !c.types().is_error(hint) && c.types().kind(hint) != TypeKind::hole;
  if (wanted) {
    report(c, Kind::wrong_type, span,
           "found a function where " + a_described(c, hint) + " is required");
    return;
  }
  report(c, Kind::untyped_function, span,
         "the types of this function's parameters are not known here")
      .help =
      "give it a name and types: `fn name(x: Int) -> Int = …`, or `let name: fn(Int) -> Int = …`";
}

}  // namespace

Reads check_lambda(Checker& c, const Scope& scope, ast::ExprId id, TypeId hint,
                   const std::vector<Reads>* reads, ExprInfo* out) {
  const Span span = span_of(c, scope, id);
  const auto& node = std::get<ast::Lambda>(c.tree(scope.module)[id].node);
  TypeId function{};
  for (TypeId part : c.types().alternatives(hint)) {
    if (c.types().kind(part) == TypeKind::function) function = part;
  }
  if (c.types().is_error(function)) {
    no_function_wanted(c, hint, span);
    return {};
  }
  const size_t required = c.types()[function].arguments.size() - 1;
  if (node.parameters.size() != required) {
    report(c, Kind::wrong_arguments, span,
           "a function of " + std::to_string(required) + " parameters is required, found one of " +
               std::to_string(node.parameters.size()));
    return {};
  }
  // Whoever keeps the function calls it with rows and numbers; what it captures is read whenever it is called.
  Reads row;
  if (exists_per_row(c.program, c.types()[function].arguments.back())) row.world = World::row;
  const std::vector<Reads> kept(required, row);
  const ExprInfo body = lambda_body(c, scope, id, function, reads != nullptr ? *reads : kept);
  out->reads = body.reads;
  if (out->reads.world == World::row) out->reads.world = World::constant;
  std::vector<TypeId> parts = c.types()[function].arguments;
  if (c.types().is_error(body.type)) return body.reads;
  if (c.types().contains(parts.back(), TypeKind::hole) ||
      c.types().contains(parts.back(), TypeKind::variable))
    parts.back() = body.type;
  out->type = c.types().function(parts);
  return body.reads;
}

ExprInfo& expect_lambda(Checker& c, const Scope& scope, ast::ExprId id, TypeId wanted,
                        const std::string& what) {
  const std::vector<Reads> reads(
      std::get<ast::Lambda>(c.tree(scope.module)[id].node).parameters.size());
  ExprInfo made;
  check_lambda(c, scope, id, wanted, &reads, &made);
  ExprInfo& info = c.typed.at(scope.module, id);
  info = made;
  fit(c, info, wanted, what, span_of(c, scope, id));
  return info;
}

}  // namespace rexp::check
