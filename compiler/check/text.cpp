// Texts that are values, and what may be printed in any text.
#include "compiler/check/context.h"

namespace rexp::check {

bool printable(Checker& c, TypeId type, Span span, bool has_separator) {
  switch (c.types().kind(type)) {
    case TypeKind::error: return false;
    case TypeKind::text:
    case TypeKind::integer:
    case TypeKind::real:
    case TypeKind::ratio: return true;
    case TypeKind::list: {
      if (!has_separator) {
        report(
            c, Kind::list_without_separator, span,
            "list printed without a separator; write `${" + source_text(c, span) + " sep \", \"}`");
        return false;
      }
      const TypeId element = c.types()[type].arguments[0];
      if (c.types().kind(element) == TypeKind::hole) return true;  // an empty list
      if (c.types().kind(element) != TypeKind::list) return printable(c, element, span, true);
      report(c, Kind::cannot_print, span, "a list of lists cannot be printed").help =
          "print each with `%{for x in " + source_text(c, span) + "}`";
      return false;
    }
    default: break;
  }
  if (c.program.is(type, Known::Sid)) return true;
  std::string help;
  if (c.program.is_item(type) || c.program.is(type, Known::Event))
    help = "print one of its fields, such as `" + source_text(c, span) + ".sid`";
  if (c.types().optional(type)) help = "ask first: `%{if x != none}${x}%{end}`";
  report(c, Kind::cannot_print, span, a_described(c, type) + " cannot be printed in a text").help =
      help;
  return false;
}

Scope check_loop(Checker& c, const Scope& scope, ast::ExprId list, const ast::Name& variable) {
  const ExprInfo info = infer(c, scope, list);
  TypeId element{};
  if (c.types().kind(info.type) == TypeKind::list) {
    element = c.types()[info.type].arguments[0];
  } else if (!c.types().is_error(info.type)) {
    report(c, Kind::wrong_type, span_of(c, scope, list),
           "`for` goes through a list, found " + a_described(c, info.type));
  }
  Scope inner = scope;
  inner.names = bind_name(scope.names, variable.text, element, info.reads);
  return inner;
}

namespace {

bool holds_ids(Checker& c, TypeId type) {
  return c.program.is(type, Known::Sid) ||
         (c.types().kind(type) == TypeKind::list && holds_ids(c, c.types()[type].arguments[0]));
}

void check_hole(Checker& c, const Scope& scope, const ast::TextPart& part, ExprInfo* out,
                bool* fine) {
  const Span span = span_of(c, scope, part.expr);
  const ExprInfo& info = infer(c, scope, part.expr);
  out->reads = join(out->reads, info.reads);
  check_known(c, scope, info.reads, "a text", span);
  *fine = printable(c, info.type, span, !part.separator.empty()) && *fine;
  if (holds_ids(c, info.type)) {
    report(c, Kind::not_in_row_function, span,
           "a semantic id is made of tokens, it can be printed in a turn but not kept in a text");
    *fine = false;
  }
}

void check_part(Checker& c, const Scope& scope, const ast::TextPart& part, ExprInfo* out,
                bool* fine) {
  auto inner_text = [&](const Scope& at, const ast::Text& text) {
    ExprInfo inner;
    check_text(c, at, text, &inner);
    out->reads = join(out->reads, inner.reads);
    *fine = *fine && !c.types().is_error(inner.type);
  };
  for (const ast::Text& separator : part.separator) inner_text(scope, separator);
  if (part.kind == ast::TextPart::Kind::hole) return check_hole(c, scope, part, out, fine);
  if (part.kind == ast::TextPart::Kind::if_) {
    const ExprInfo condition =
        expect(c, scope, part.expr, c.scalar(TypeKind::boolean), "condition");
    out->reads = join(out->reads, condition.reads);
    check_known(c, scope, condition.reads, "a condition", span_of(c, scope, part.expr));
    *fine = *fine && !c.types().is_error(condition.type);
    for (size_t i = 0; i < part.bodies.size(); ++i) {
      Scope inner = scope;
      inner.names = narrow(c, scope, part.expr, i == 0);
      inner_text(inner, part.bodies[i]);
    }
    return;
  }
  const Scope inner = check_loop(c, scope, part.expr, part.variable);
  const ExprInfo& list = c.typed.at(scope.module, part.expr);
  out->reads = join(out->reads, list.reads);
  *fine = *fine && c.types().kind(list.type) == TypeKind::list &&
          !c.types().is_error(c.types()[list.type].arguments[0]);
  for (const ast::Text& body : part.bodies) inner_text(inner, body);
}

}  // namespace

void check_text(Checker& c, const Scope& scope, const ast::Text& text, ExprInfo* out) {
  bool fine = true;
  for (const ast::TextPart& part : text.parts) {
    if (part.kind != ast::TextPart::Kind::chars) check_part(c, scope, part, out, &fine);
  }
  if (fine) out->type = c.scalar(TypeKind::text);
}

}  // namespace rexp::check
