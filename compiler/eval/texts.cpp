// Texts. In an expression a text becomes a value (`concat`, `join`); in a turn it becomes statements, so that semantic ids can
// be printed as tokens and literal stretches can be tokenized while compiling.
#include "compiler/eval/template_run.h"

namespace rexp::elaborate {
using diagnostics::Kind;
using row::StmtId;
using row::StmtOp;

namespace {

row::Stmt statement(StmtOp op, row::ExprId expr = -1) {
  row::Stmt out;
  out.op = op;
  out.expr = expr;
  return out;
}

}  // namespace

std::optional<std::string> Elaborator::constant_text(const Value& value) {
  if (const auto* chars = value.as<std::string>()) return *chars;
  if (types().kind(value.type) == TypeKind::integer) {
    if (const auto* whole = value.as<int64_t>()) return std::to_string(*whole);
  }
  return std::nullopt;
}

bool Elaborator::printable(const Value& value, Span span, bool has_separator) {
  const TypeKind kind = types().kind(value.type);
  switch (kind) {
    case TypeKind::error: return false;
    case TypeKind::any:
    case TypeKind::text:
    case TypeKind::integer:
    case TypeKind::real:
    case TypeKind::ratio: return true;
    case TypeKind::domain:
      if (types().is_domain(value.type, "Sid")) return true;
      break;
    case TypeKind::list: {
      if (!has_separator) {
        report(Kind::list_without_separator, span,
               "list printed without a separator; write `${" + source_text(span) + " sep \", \"}`");
        return false;
      }
      const TypeId element = types()[value.type].arguments[0];
      const TypeKind inner = types().kind(element);
      if (inner == TypeKind::list) {
        report(Kind::cannot_print, span, "a list of lists cannot be printed").help =
            "print each with `%{for x in " + source_text(span) + "}`";
        return false;
      }
      return printable(Value{element, Unknown{}, value.from, -1}, span, true);
    }
    default: break;
  }
  std::string help;
  if (kind == TypeKind::record || kind == TypeKind::event)
    help = "print one of its fields, such as `" + source_text(span) + ".sid`";
  report(Kind::cannot_print, span, "a " + described(value.type) + " cannot be printed in a text")
      .help = help;
  return false;
}

Value Elaborator::concat(const std::vector<Value>& pieces) {
  Provenance from;
  std::string constant;
  bool all_constant = true, all_known = true;
  for (const Value& piece : pieces) {
    if (is_error(piece)) return failed();
    from = join(from, piece.from);
    all_known = all_known && !piece.is_unknown();
    if (const auto chars = constant_text(piece)) {
      constant += *chars;
    } else if (const auto number = number_of(piece); number && row_ == nullptr) {
      constant += number_text(*number);
    } else {
      all_constant = false;
    }
  }
  if (all_constant) return value(type(TypeKind::text), std::move(constant), from);
  if (!all_known || row_ == nullptr) return unknown(type(TypeKind::text), from);
  std::vector<row::ExprId> parts;
  std::string run;
  auto flush = [&] {
    if (!run.empty()) parts.push_back(row_->constant(run));
    run.clear();
  };
  for (const Value& piece : pieces) {
    if (const auto chars = constant_text(piece)) {
      run += *chars;
    } else {
      flush();
      parts.push_back(lift(piece));
    }
  }
  flush();
  return residual(type(TypeKind::text),
                  row_->add(row::Op::concat, {row::Kind::text}, std::move(parts)), from);
}

Value Elaborator::eval_text(const Scope& scope, const ast::Text& text) {
  std::vector<Value> pieces;
  for (const ast::TextPart& part : text.parts) {
    pieces.push_back(text_part(scope, part));
    if (is_error(pieces.back())) return failed();
  }
  return concat(pieces);
}

Value Elaborator::hole_text(const Scope& scope, const ast::TextPart& part) {
  const Span span = tree(scope.module)[part.expr].span;
  const Value v = eval(scope, part.expr);
  if (!printable(v, span, !part.separator.empty())) return failed();
  const bool sids =
      types().is_domain(v.type, "Sid") || (types().kind(v.type) == TypeKind::list &&
                                           types().is_domain(types()[v.type].arguments[0], "Sid"));
  if (sids) {
    report(Kind::not_in_row_function, span,
           "a semantic id is made of tokens, it can be printed in a turn but not kept in a text");
    return failed();
  }
  if (types().kind(v.type) != TypeKind::list) return v;
  const Value separator = eval_text(scope, part.separator[0]);
  if (is_error(separator)) return separator;
  if (const auto* elements = v.shared<ListValue>()) {
    std::vector<Value> pieces;
    for (size_t i = 0; i < elements->elements.size(); ++i) {
      if (i > 0) pieces.push_back(separator);
      pieces.push_back(elements->elements[i]);
    }
    return concat(pieces);
  }
  const Provenance from = join(v.from, separator.from);
  if (v.is_unknown() || separator.is_unknown()) return unknown(type(TypeKind::text), from);
  const row::ExprId items = lift(v), between = lift(separator);
  return residual(type(TypeKind::text),
                  row_->add(row::Op::join, {row::Kind::text}, {items, between}), from);
}

Value Elaborator::text_part(const Scope& scope, const ast::TextPart& part) {
  switch (part.kind) {
    case ast::TextPart::Kind::chars: return text(part.chars);
    case ast::TextPart::Kind::hole: return hole_text(scope, part);
    case ast::TextPart::Kind::if_: {
      const Span span = tree(scope.module)[part.expr].span;
      const Value condition =
          coerce(eval(scope, part.expr), type(TypeKind::boolean), "condition", span);
      if (is_error(condition)) return condition;
      auto branch = [&](size_t i) {
        return i < part.bodies.size() ? eval_text(scope, part.bodies[i]) : text("");
      };
      if (const bool* known = condition.as<bool>()) return branch(*known ? 0 : 1);
      Value then = branch(0);
      return merge_branches(condition, std::move(then), branch(1), span);
    }
    case ast::TextPart::Kind::for_each: break;
  }
  const Span span = tree(scope.module)[part.expr].span;
  const Value items = eval(scope, part.expr);
  if (is_error(items)) return items;
  const Value separator = part.separator.empty() ? text("") : eval_text(scope, part.separator[0]);
  const Value texts = map_list(
      items,
      [&](const Value& element) {
        const Scope inner{scope.module, bind(scope.names, part.variable.text, element)};
        return part.bodies.empty() ? text("") : eval_text(inner, part.bodies[0]);
      },
      span);
  if (is_error(texts) || is_error(separator)) return failed();
  if (const auto* elements = texts.shared<ListValue>()) {
    std::vector<Value> pieces;
    for (size_t i = 0; i < elements->elements.size(); ++i) {
      if (i > 0) pieces.push_back(separator);
      pieces.push_back(elements->elements[i]);
    }
    return concat(pieces);
  }
  if (texts.is_unknown()) return unknown(type(TypeKind::text), texts.from);
  const row::ExprId list = lift(texts), between = lift(separator);
  return residual(type(TypeKind::text),
                  row_->add(row::Op::join, {row::Kind::text}, {list, between}), texts.from);
}

// ---- in turns -------------------------------------------------------------------------------------------------------

void Elaborator::print_chars(const std::string& chars, std::vector<StmtId>* out) {
  if (chars.empty()) return;
  if (!out->empty()) {  // neighbouring literals are one stretch, however the source was cut
    const row::Stmt& last = row_->statement(out->back());
    if (last.op == StmtOp::print && row_->expr(last.expr).op == row::Op::const_text) {
      const std::string joined = row_->expr(last.expr).text + chars;
      out->back() = row_->add(statement(StmtOp::print, row_->constant(joined)));
      return;
    }
  }
  out->push_back(row_->add(statement(StmtOp::print, row_->constant(chars))));
}

void Elaborator::print_value(const Value& v, Span span, PrintContext& context,
                             std::vector<StmtId>* out) {
  if (is_error(v)) return;
  check_read(v.from, context, span);
  if (const auto chars = constant_text(v)) return print_chars(*chars, out);
  if (types().is_domain(v.type, "Sid") && v.from.label == Label::target)
    context.prints_target_sid = true;
  if (v.is_unknown()) return;
  out->push_back(row_->add(statement(StmtOp::print, lift(v))));
}

void Elaborator::print_hole(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                            std::vector<StmtId>* out) {
  const Span span = tree(scope.module)[part.expr].span;
  const Value v = eval(scope, part.expr);
  if (const auto* choice = v.shared<ChoiceValue>())
    return print_choice(scope, *choice, context, out);
  if (!printable(v, span, !part.separator.empty())) return;
  if (types().kind(v.type) != TypeKind::list) return print_value(v, span, context, out);
  check_read(v.from, context, span);
  if (types().is_domain(types()[v.type].arguments[0], "Sid") && v.from.label == Label::target)
    context.prints_target_sid = true;
  if (v.is_unknown()) return;
  if (const auto* elements = v.shared<ListValue>()) {
    for (size_t i = 0; i < elements->elements.size(); ++i) {
      if (i > 0) print_text(scope, part.separator[0], context, out);
      print_value(elements->elements[i], span, context, out);
    }
    return;
  }
  row::Stmt loop = statement(StmtOp::for_each, lift(v));
  loop.number = row_->variable();
  const Value element = element_variable(v, loop.number);
  std::vector<StmtId> body, separator;
  body.push_back(row_->add(statement(StmtOp::print, lift(element))));
  print_text(scope, part.separator[0], context, &separator);
  loop.bodies = {body, separator};
  out->push_back(row_->add(std::move(loop)));
}

void Elaborator::print_loop(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                            std::vector<StmtId>* out) {
  const Span span = tree(scope.module)[part.expr].span;
  const Value items = eval(scope, part.expr);
  if (is_error(items)) return;
  check_read(items.from, context, span);
  auto body_of = [&](const Value& element, std::vector<StmtId>* body) {
    const Scope inner{scope.module, bind(scope.names, part.variable.text, element)};
    if (!part.bodies.empty()) print_text(inner, part.bodies[0], context, body);
  };
  if (const auto* elements = items.shared<ListValue>()) {
    for (size_t i = 0; i < elements->elements.size(); ++i) {
      if (i > 0 && !part.separator.empty()) print_text(scope, part.separator[0], context, out);
      body_of(elements->elements[i], out);
    }
    return;
  }
  if (items.is_unknown() || types().kind(items.type) != TypeKind::list) {
    if (items.is_unknown()) return;
    report(Kind::wrong_type, span, "`for` goes through a list, found a " + described(items.type));
    return;
  }
  row::Stmt loop = statement(StmtOp::for_each, lift(items));
  loop.number = row_->variable();
  std::vector<StmtId> body, separator;
  body_of(element_variable(items, loop.number), &body);
  if (!part.separator.empty()) print_text(scope, part.separator[0], context, &separator);
  loop.bodies = {body, separator};
  out->push_back(row_->add(std::move(loop)));
}

void Elaborator::print_if(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                          std::vector<StmtId>* out) {
  const Span span = tree(scope.module)[part.expr].span;
  const Value condition =
      coerce(eval(scope, part.expr), type(TypeKind::boolean), "condition", span);
  if (is_error(condition)) return;
  check_read(condition.from, context, span);
  auto branch = [&](size_t i, std::vector<StmtId>* body) {
    if (i < part.bodies.size()) print_text(scope, part.bodies[i], context, body);
  };
  if (const bool* known = condition.as<bool>()) return branch(*known ? 0 : 1, out);
  std::vector<StmtId> then, otherwise;
  branch(0, &then);
  branch(1, &otherwise);
  if (condition.is_unknown()) return;
  row::Stmt test = statement(StmtOp::if_, lift(condition));
  test.bodies = {then, otherwise};
  out->push_back(row_->add(std::move(test)));
}

void Elaborator::print_part(const Scope& scope, const ast::TextPart& part, PrintContext& context,
                            std::vector<StmtId>* out) {
  switch (part.kind) {
    case ast::TextPart::Kind::chars: return print_chars(part.chars, out);
    case ast::TextPart::Kind::hole: return print_hole(scope, part, context, out);
    case ast::TextPart::Kind::for_each: return print_loop(scope, part, context, out);
    case ast::TextPart::Kind::if_: return print_if(scope, part, context, out);
  }
}

void Elaborator::print_text(const Scope& scope, const ast::Text& text, PrintContext& context,
                            std::vector<StmtId>* out) {
  for (const ast::TextPart& part : text.parts) print_part(scope, part, context, out);
}

}  // namespace rexp::elaborate
