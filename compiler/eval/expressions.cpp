// Every expression passes here: its form is evaluated, and the value is converted to what is wanted where it stands.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

[[gnu::noinline]] Value number_value(const ast::Number& number) {
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

[[gnu::noinline]] Maybe fields_value(Evaluator& e, const Scope& scope,
                                     const ast::RecordLiteral& literal) {
  Fields fields;
  for (const ast::RecordField& field : literal.fields) {
    Maybe value = evaluate(e, scope, field.value);
    if (!value) return std::nullopt;
    fields.entries.emplace_back(field.name.text, std::move(*value));
  }
  return shared_value(std::move(fields));
}

[[gnu::noinline]] Value lambda_value(const Scope& scope, const ast::Lambda& lambda) {
  Closure closure{scope.module, scope.names, lambda.body, {}, {}, {}};
  for (const ast::Name& name : lambda.parameters)
    closure.parameters.push_back({name, {}, std::nullopt});
  return shared_value(std::move(closure));
}

/// One case per form. A struct of its own, because it stands on the stack of every nested expression.
struct Form {
  Evaluator& e;
  const Scope& scope;
  ast::ExprId id;
  Span span;

  const check::ExprInfo& info() const { return e.typed.at(scope.module, id); }
  Place place() const { return {scope, span, info().type}; }

  Maybe operator()(const ast::Broken&) const { return std::nullopt; }
  Maybe operator()(const ast::Number& n) const { return number_value(n); }
  Maybe operator()(const ast::TextLiteral& t) const { return evaluate_text(e, scope, t.text); }
  Maybe operator()(const ast::Bool& b) const { return Value{b.value}; }
  Maybe operator()(const ast::None&) const { return Value{None{}}; }
  Maybe operator()(const ast::ListLiteral& l) const { return evaluate_list(e, scope, l); }
  Maybe operator()(const ast::Comprehension& c) const {
    return evaluate_comprehension(e, scope, c, place());
  }
  Maybe operator()(const ast::RecordLiteral& r) const { return fields_value(e, scope, r); }
  Maybe operator()(const ast::NameRef& n) const { return evaluate_name(e, scope, n, info()); }
  Maybe operator()(const ast::FieldRef& f) const {
    return evaluate_field(e, scope, f, span, info());
  }
  Maybe operator()(const ast::Call& c) const { return evaluate_call(e, c, nullptr, place()); }
  Maybe operator()(const ast::IndexRef& i) const { return evaluate_index(e, scope, i, span); }
  Maybe operator()(const ast::AtSize& a) const { return evaluate_at(e, a, place()); }
  Maybe operator()(const ast::Construct& c) const { return evaluate_construct(e, c, place()); }
  Maybe operator()(const ast::WithBody& w) const { return evaluate_with(e, w, place()); }
  Maybe operator()(const ast::Lambda& l) const { return lambda_value(scope, l); }
  Maybe operator()(const ast::If& i) const { return evaluate_if(e, scope, i); }
  Maybe operator()(const ast::Match& m) const { return evaluate_match(e, scope, m, span); }
  Maybe operator()(const ast::Binary& b) const { return evaluate_binary(e, id, b, place()); }
  Maybe operator()(const ast::Unary& u) const { return evaluate_unary(e, u, place()); }
  Maybe operator()(const ast::Pipe& p) const { return evaluate_pipe(e, p, place()); }
};

/// The value as it is wanted where the expression stands.
[[gnu::noinline]] Maybe as_wanted(Evaluator& e, const Scope& scope, ast::ExprId id, Value value) {
  const check::ExprInfo& info = e.typed.at(scope.module, id);
  if (const auto* optional = value.shared<RowOptional>()) {
    // A condition around it has made it present.
    const TypeKind kind = e.program.types.kind(info.type);
    const bool present = kind != TypeKind::error && kind != TypeKind::hole &&
                         kind != TypeKind::none && !e.program.types.optional(info.type);
    if (present) value = Value(*optional->value);
  }
  if (info.wanted.index == 0) return value;
  return convert(e, std::move(value), info.wanted, {scope, span_of(e, scope, id), info.wanted});
}

}  // namespace

Maybe evaluate(Evaluator& e, const Scope& scope, ast::ExprId id) {
  if (!id.valid()) return std::nullopt;
  const ast::Expr& expr = tree(e, scope.module)[id];
  if (!spend(e, expr.span)) return std::nullopt;
  ++e.depth;
  Maybe out = std::visit(Form{e, scope, id, expr.span}, expr.node);
  --e.depth;
  if (!out) return std::nullopt;
  return as_wanted(e, scope, id, std::move(*out));
}

}  // namespace rexp::eval
