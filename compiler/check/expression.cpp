// One expression: which construct it is, and whether its type fits the place.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

constexpr int kMaxDepth = 400;
constexpr int64_t kMaxSteps = 10'000'000;

TypeKind kind_of(const ast::Number& number) {
  switch (number.unit) {
    case ast::Unit::none: return number.integer ? TypeKind::integer : TypeKind::real;
    case ast::Unit::epochs: return TypeKind::epochs;
    case ast::Unit::steps: return TypeKind::steps;
    case ast::Unit::tokens: return TypeKind::tokens;
    case ast::Unit::rows: return TypeKind::row_count;
    case ast::Unit::seeds: return TypeKind::seeds;
    case ast::Unit::minutes:
    case ast::Unit::hours:
    case ast::Unit::seconds: return TypeKind::duration;
    case ast::Unit::copies: return TypeKind::copies;
    case ast::Unit::percent: return TypeKind::ratio;
    case ast::Unit::bytes: return TypeKind::size;
  }
  return TypeKind::error;
}

void dispatch(Checker& c, const Scope& scope, ast::ExprId id, TypeId hint, ExprInfo* out) {
  const ast::Expr& expr = c.tree(scope.module)[id];
  const Span span = expr.span;
  std::visit(Overloaded{
                 [&](const ast::Broken&) {},
                 [&](const ast::Number& n) { out->type = c.scalar(kind_of(n)); },
                 [&](const ast::TextLiteral& t) { check_text(c, scope, t.text, out); },
                 [&](const ast::Bool&) { out->type = c.scalar(TypeKind::boolean); },
                 [&](const ast::None&) { out->type = c.scalar(TypeKind::none); },
                 [&](const ast::ListLiteral& l) { check_list(c, scope, l, span, hint, out); },
                 [&](const ast::Comprehension& n) { check_comprehension(c, scope, n, span, out); },
                 [&](const ast::RecordLiteral& r) { check_fields(c, scope, r, hint, out); },
                 [&](const ast::NameRef& n) { check_name(c, scope, n, span, hint, out); },
                 [&](const ast::FieldRef& f) { check_field(c, scope, f, span, hint, out); },
                 [&](const ast::Call& n) { check_call(c, scope, n, span, nullptr, out); },
                 [&](const ast::IndexRef& i) { check_index(c, scope, i, span, out); },
                 [&](const ast::AtSize&) { check_at(c, scope, id, out); },
                 [&](const ast::Construct& n) { check_construct(c, scope, n, span, hint, out); },
                 [&](const ast::WithBody& w) { check_with(c, scope, w, span, hint, out); },
                 [&](const ast::Lambda&) { check_lambda(c, scope, id, hint, nullptr, out); },
                 [&](const ast::If& i) { check_if(c, scope, i, hint, out); },
                 [&](const ast::Match& m) { check_match(c, scope, m, span, hint, out); },
                 [&](const ast::Binary& b) { check_binary(c, scope, b, span, out); },
                 [&](const ast::Unary& u) { check_unary(c, scope, u, span, out); },
                 [&](const ast::Pipe& p) { check_pipe(c, scope, p, span, out); },
             },
             expr.node);
}

/// Whether one of the names stands in a path.
bool mentions(const Checker& c, const Scope& scope, ast::ExprId id,
              const std::set<std::string>& names) {
  const auto& node = c.tree(scope.module)[id].node;
  if (const auto* name = std::get_if<ast::NameRef>(&node)) return names.count(name->name.text) > 0;
  if (const auto* field = std::get_if<ast::FieldRef>(&node))
    return mentions(c, scope, field->object, names);
  const auto* call = std::get_if<ast::Call>(&node);
  return call != nullptr &&
         (mentions(c, scope, call->callee, names) ||
          std::ranges::any_of(call->arguments, [&](const ast::Argument& argument) {
            return mentions(c, scope, argument.value, names);
          }));
}

/// A value that was compared with `none` before. A name that was bound since means something else.
void apply_narrowing(Checker& c, const Scope& scope, ast::ExprId id, ExprInfo* out) {
  if (!c.types().optional(out->type)) return;
  std::set<std::string> bound;
  for (const Names* at = scope.names.get(); at != nullptr; at = at->outer.get()) {
    if (!at->narrowed.valid()) {
      bound.insert(at->name);
    } else if (same_path(c, scope, at->narrowed, id) && !mentions(c, scope, id, bound)) {
      out->type = c.types().without_none(out->type);
      return;
    }
  }
}

}  // namespace

ExprInfo& infer(Checker& c, const Scope& scope, ast::ExprId id, TypeId hint) {
  static ExprInfo nothing;
  if (!id.valid()) return nothing = {};
  const ast::Expr& expr = c.tree(scope.module)[id];
  ExprInfo made;
  if (++c.steps > kMaxSteps) {
    if (c.steps == kMaxSteps + 1)
      report(c, Kind::definition_cycle, expr.span,
             "calls of local functions take too many steps here");
  } else if (c.depth > kMaxDepth) {
    report(c, Kind::definition_cycle, expr.span, "expressions are nested too deeply here");
  } else {
    ++c.depth;
    dispatch(c, scope, id, hint, &made);
    --c.depth;
    apply_narrowing(c, scope, id, &made);
  }
  ExprInfo& info = c.typed.at(scope.module, id);
  info = made;
  return info;
}

void fit(Checker& c, ExprInfo& info, TypeId wanted, const std::string& what, Span span) {
  if (c.types().is_error(info.type) || c.types().is_error(wanted)) return;
  if (!c.program.assignable(info.type, wanted)) {
    wrong_type(c, info.type, wanted, what, span);
    info.type = TypeId{};
    return;
  }
  if (c.types().kind(wanted) != TypeKind::hole) info.wanted = wanted;
}

ExprInfo& expect(Checker& c, const Scope& scope, ast::ExprId id, TypeId wanted,
                 const std::string& what) {
  ExprInfo& info = infer(c, scope, id, wanted);
  const Span span = span_of(c, scope, id);
  if (info.target.kind == Target::Kind::member && info.target.symbol.valid() &&
      c.types().kind(info.type) == TypeKind::function &&
      c.types().kind(wanted) != TypeKind::function && c.types().kind(wanted) != TypeKind::hole &&
      c.types().kind(wanted) != TypeKind::error) {
    report(c, Kind::wrong_type, span,
           what + " needs a value, `" + c.program.decl(info.target.symbol).name.text +
               "` has to be called")
        .help = "write `" + source_text(c, span) + "(…)`";
    info.type = TypeId{};
    return info;
  }
  fit(c, info, wanted, what, span);
  if (!c.types().is_error(info.type)) {
    for (TypeId part : c.types().alternatives(wanted)) {
      if (c.types().kind(info.type) == TypeKind::schema_value &&
          c.types().kind(part) == TypeKind::record)
        check_missing(c, c.types()[info.type].index, {}, c.types().name(info.type), span);
    }
  }
  return info;
}

}  // namespace rexp::check
