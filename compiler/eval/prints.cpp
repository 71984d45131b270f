// Texts in turns: statements, so that semantic ids are printed as tokens and literal stretches can be tokenized while compiling.
#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::StmtOp;

row::Stmt statement(StmtOp op, row::ExprId expr) {
  row::Stmt out;
  out.op = op;
  out.expr = expr;
  return out;
}

namespace {

void print_chars(const Scope& scope, const std::string& chars, Statements* out) {
  if (chars.empty()) return;
  row::RowBuilder& builder = *scope.row;
  if (!out->empty()) {  // neighbouring literals are one stretch, however the source was cut
    const row::Stmt& last = builder.statement(out->back());
    if (last.op == StmtOp::print && builder.expr(last.expr).op == row::Op::const_text) {
      const std::string joined = builder.expr(last.expr).text + chars;
      out->back() = builder.add(statement(StmtOp::print, builder.constant(joined)));
      return;
    }
  }
  out->push_back(builder.add(statement(StmtOp::print, builder.constant(chars))));
}

bool print_separator(Evaluator& e, const Printing& in, const ast::TextPart& part, Statements* out) {
  return part.separator.empty() || print_text(e, in, part.separator[0], out);
}

bool print_list(Evaluator& e, const Printing& in, const ast::TextPart& part, const Value& value,
                Span span, Statements* out) {
  if (const auto* elements = elements_of(value)) {
    for (size_t i = 0; i < elements->size(); ++i) {
      if (i > 0 && !print_separator(e, in, part, out)) return false;
      if (!print_value(e, in, (*elements)[i], span, out)) return false;
    }
    return true;
  }
  const Row list = *row_list(value);
  row::RowBuilder* builder = builder_of(e, in.scope, list, span);
  if (builder == nullptr) return false;
  row::Stmt loop = statement(StmtOp::for_each, list.expr);
  loop.number = builder->variable();
  const Value element = element_of(in.scope, list, loop.number);
  Statements body = {builder->add(statement(StmtOp::print, element.as<Row>()->expr))}, separator;
  if (!print_separator(e, in, part, &separator)) return false;
  loop.bodies = {body, separator};
  out->push_back(builder->add(std::move(loop)));
  return true;
}

bool print_hole(Evaluator& e, const Printing& in, const ast::TextPart& part, Statements* out) {
  const Span span = span_of(e, in.scope, part.expr);
  const Maybe value = evaluate(e, in.scope, part.expr);
  if (!value) return false;
  if (const auto* choice = value->shared<Choice>()) return print_choice(e, in, *choice, out);
  const bool list = elements_of(*value) != nullptr || row_list(*value) != nullptr;
  return list ? print_list(e, in, part, *value, span, out) : print_value(e, in, *value, span, out);
}

bool print_loop(Evaluator& e, const Printing& in, const ast::TextPart& part, Statements* out) {
  const Span span = span_of(e, in.scope, part.expr);
  const Maybe items = evaluate(e, in.scope, part.expr);
  if (!items) return false;
  auto body_of = [&](const Value& element, Statements* body) {
    Printing inner = in;
    inner.scope.names = bind_name(in.scope.names, part.variable.text, element);
    return part.bodies.empty() || print_text(e, inner, part.bodies[0], body);
  };
  if (const auto* elements = elements_of(*items)) {
    for (size_t i = 0; i < elements->size(); ++i) {
      if (i > 0 && !print_separator(e, in, part, out)) return false;
      if (!body_of((*elements)[i], out)) return false;
    }
    return true;
  }
  const Row* list = row_list(*items);
  if (list == nullptr) {
    report(e, Kind::wrong_type, span, "`for` goes through a list, found a " + described(e, *items));
    return false;
  }
  row::RowBuilder* builder = builder_of(e, in.scope, *list, span);
  if (builder == nullptr) return false;
  row::Stmt loop = statement(StmtOp::for_each, list->expr);
  loop.number = builder->variable();
  Statements body, separator;
  if (!body_of(element_of(in.scope, *list, loop.number), &body)) return false;
  if (!print_separator(e, in, part, &separator)) return false;
  loop.bodies = {body, separator};
  out->push_back(builder->add(std::move(loop)));
  return true;
}

bool print_if(Evaluator& e, const Printing& in, const ast::TextPart& part, Statements* out) {
  const Span span = span_of(e, in.scope, part.expr);
  const Maybe condition = evaluate(e, in.scope, part.expr);
  if (!condition) return false;
  auto branch = [&](size_t i, Statements* body) {
    return i >= part.bodies.size() || print_text(e, in, part.bodies[i], body);
  };
  if (const auto* known = condition->as<bool>()) return branch(*known ? 0 : 1, out);
  if (counted(e, *condition)) {
    not_constant(e, "a condition", *condition, span);
    return false;
  }
  const auto expr = lift(e, in.scope, *condition, span);
  Statements then, otherwise;
  if (!expr || !branch(0, &then) || !branch(1, &otherwise)) return false;
  row::Stmt test = statement(StmtOp::if_, *expr);
  test.bodies = {then, otherwise};
  out->push_back(in.scope.row->add(std::move(test)));
  return true;
}

bool print_part(Evaluator& e, const Printing& in, const ast::TextPart& part, Statements* out) {
  switch (part.kind) {
    case ast::TextPart::Kind::chars: print_chars(in.scope, part.chars, out); return true;
    case ast::TextPart::Kind::hole: return print_hole(e, in, part, out);
    case ast::TextPart::Kind::for_each: return print_loop(e, in, part, out);
    case ast::TextPart::Kind::if_: return print_if(e, in, part, out);
  }
  return false;
}

}  // namespace

bool print_value(Evaluator& e, const Printing& in, const Value& value, Span span, Statements* out) {
  if (const auto chars = constant_text(value)) {
    print_chars(in.scope, *chars, out);
    return true;
  }
  if (counted(e, value)) {
    not_constant(e, "a text", value, span);
    return false;
  }
  const auto expr = lift(e, in.scope, value, span);
  if (!expr) return false;
  out->push_back(in.scope.row->add(statement(StmtOp::print, *expr)));
  return true;
}

bool print_text(Evaluator& e, const Printing& in, const ast::Text& text, Statements* out) {
  for (const ast::TextPart& part : text.parts) {
    if (!print_part(e, in, part, out)) return false;
  }
  return true;
}

}  // namespace rexp::eval
