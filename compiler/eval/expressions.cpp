// Every expression passes here: its form is evaluated, and the value is converted to what is wanted where it stands.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

Value number_value(const ast::Number& number) {
  auto amount = [&](TypeKind unit, double factor = 1) {
    return Value{Amount{unit, number.value * factor}};
  };
  switch (number.unit) {
    case ast::Unit::none: break;
    case ast::Unit::epochs: return amount(TypeKind::epochs);
    case ast::Unit::steps: return amount(TypeKind::steps);
    case ast::Unit::tokens: return amount(TypeKind::tokens);
    case ast::Unit::rows: return amount(TypeKind::row_count);
    case ast::Unit::seeds: return amount(TypeKind::seeds);
    case ast::Unit::minutes: return amount(TypeKind::duration, 60);
    case ast::Unit::hours: return amount(TypeKind::duration, 3600);
    case ast::Unit::seconds: return amount(TypeKind::duration);
    case ast::Unit::copies: return amount(TypeKind::copies);
    case ast::Unit::percent: return Value{Amount{TypeKind::ratio, number.value / 100}};
    case ast::Unit::bytes: return amount(TypeKind::size);
  }
  if (number.integer) return Value{static_cast<int64_t>(number.value)};
  return Value{number.value};
}

Maybe fields_value(Evaluator& e, const Scope& scope, const ast::RecordLiteral& literal) {
  Fields fields;
  for (const ast::RecordField& field : literal.fields) {
    Maybe value = evaluate(e, scope, field.value);
    if (!value) return std::nullopt;
    fields.entries.emplace_back(field.name.text, std::move(*value));
  }
  return shared_value(std::move(fields));
}

Value lambda_value(const Scope& scope, const ast::Lambda& lambda) {
  Closure closure{scope.module, scope.names, lambda.body, {}, {}, {}};
  for (const ast::Name& name : lambda.parameters)
    closure.parameters.push_back({name, {}, std::nullopt});
  return shared_value(std::move(closure));
}

Maybe evaluate_form(Evaluator& e, const Scope& scope, ast::ExprId id, const ast::Expr& expr) {
  const check::ExprInfo& info = e.typed.at(scope.module, id);
  const Span span = expr.span;
  return std::visit(
      Overloaded{
          [](const ast::Broken&) -> Maybe { return std::nullopt; },
          [](const ast::Number& n) -> Maybe { return number_value(n); },
          [&](const ast::TextLiteral& t) { return evaluate_text(e, scope, t.text); },
          [](const ast::Bool& b) -> Maybe { return Value{b.value}; },
          [](const ast::None&) -> Maybe { return Value{None{}}; },
          [&](const ast::ListLiteral& l) { return evaluate_list(e, scope, l); },
          [&](const ast::Comprehension& c) {
            return evaluate_comprehension(e, scope, c, {scope, span, info.type});
          },
          [&](const ast::RecordLiteral& r) { return fields_value(e, scope, r); },
          [&](const ast::NameRef& n) { return evaluate_name(e, scope, n, info); },
          [&](const ast::FieldRef& f) { return evaluate_field(e, scope, f, span, info); },
          [&](const ast::Call& c) {
            return evaluate_call(e, c, nullptr, {scope, span, info.type});
          },
          [&](const ast::IndexRef& i) { return evaluate_index(e, scope, i, span); },
          [&](const ast::AtSize& a) { return evaluate_at(e, a, {scope, span, info.type}); },
          [&](const ast::Construct& c) {
            return evaluate_construct(e, c, {scope, span, info.type});
          },
          [&](const ast::WithBody& w) { return evaluate_with(e, w, {scope, span, info.type}); },
          [&](const ast::Lambda& l) -> Maybe { return lambda_value(scope, l); },
          [&](const ast::If& i) { return evaluate_if(e, scope, i); },
          [&](const ast::Match& m) { return evaluate_match(e, scope, m, span); },
          [&](const ast::Binary& b) { return evaluate_binary(e, id, b, {scope, span, info.type}); },
          [&](const ast::Unary& u) { return evaluate_unary(e, u, {scope, span, info.type}); },
          [&](const ast::Pipe& p) { return evaluate_pipe(e, p, {scope, span, info.type}); },
      },
      expr.node);
}

}  // namespace

Maybe evaluate(Evaluator& e, const Scope& scope, ast::ExprId id) {
  if (!id.valid()) return std::nullopt;
  const ast::Expr& expr = tree(e, scope.module)[id];
  if (!spend(e, expr.span)) return std::nullopt;
  ++e.depth;
  Maybe out = evaluate_form(e, scope, id, expr);
  --e.depth;
  if (!out) return std::nullopt;
  const check::ExprInfo& info = e.typed.at(scope.module, id);
  if (const auto* optional = out->shared<RowOptional>()) {
    // A condition around it has made it present.
    const TypeKind kind = e.program.types.kind(info.type);
    const bool present = kind != TypeKind::error && kind != TypeKind::hole &&
                         kind != TypeKind::none && !e.program.types.optional(info.type);
    if (present) out = Value(*optional->value);
  }
  if (info.wanted.index == 0) return out;
  return convert(e, std::move(*out), info.wanted, {scope, expr.span, info.wanted});
}

}  // namespace rexp::eval
