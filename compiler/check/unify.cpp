// Variables of extern functions and generic schemas: [T].map(each: fn(T) -> R) -> [R]
#include "compiler/check/context.h"

namespace rexp::check {

namespace {

void bind_variable(Checker& c, const TypeNode& variable, TypeId actual,
                   std::vector<TypeId>* bindings) {
  const auto at = static_cast<size_t>(variable.index);
  if (bindings->size() <= at) bindings->resize(at + 1);
  TypeId& bound = (*bindings)[at];
  if (c.types().is_error(bound) || c.types().kind(bound) == TypeKind::hole) {
    bound = actual;
  } else if (const auto both = c.program.common(bound, actual)) {
    bound = *both;
  }
}

}  // namespace

void unify(Checker& c, TypeId pattern, TypeId actual, std::vector<TypeId>* bindings) {
  const TypeNode want = c.types()[pattern];
  if (want.kind == TypeKind::variable) return bind_variable(c, want, actual, bindings);
  if (want.kind == TypeKind::labelled) return unify(c, want.arguments[0], actual, bindings);
  const TypeNode have = c.types()[actual];
  if (have.kind == TypeKind::labelled) return unify(c, pattern, have.arguments[0], bindings);
  if (want.kind == TypeKind::union_) {
    const TypeId inner = c.types().without_none(actual);
    for (TypeId part : want.arguments) {
      if (c.program.assignable(inner, part)) return unify(c, part, inner, bindings);
    }
    return;
  }
  if (want.kind == TypeKind::record && have.kind == TypeKind::record) {
    TypeId seen = c.program.as_base(actual, want.index);
    if (c.types().is_error(seen) && want.index == c.program.known(Known::Rows) &&
        c.program.is(actual, Known::Part))
      seen =
          c.program.known_type(Known::Rows, {c.program.known_type(Known::Window, have.arguments)});
    if (c.types().is_error(seen) && c.program.is(actual, Known::Event)) seen = have.arguments[0];
    const std::vector<TypeId> parts = c.types()[seen].arguments;
    for (size_t i = 0; i < want.arguments.size() && i < parts.size(); ++i)
      unify(c, want.arguments[i], parts[i], bindings);
    return;
  }
  const bool lists = (want.kind == TypeKind::list || want.kind == TypeKind::range) &&
                     (have.kind == TypeKind::list || have.kind == TypeKind::range);
  if (!lists && (want.kind != have.kind || want.kind != TypeKind::function)) return;
  for (size_t i = 0; i < want.arguments.size() && i < have.arguments.size(); ++i)
    unify(c, want.arguments[i], have.arguments[i], bindings);
}

}  // namespace rexp::check
