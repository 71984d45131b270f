// Texts that are values: what is known is written out, the rest becomes `concat` and `join` of the row function. In turns texts become
// statements instead (prints.cpp).
#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::Op;

constexpr size_t kBytesPerStep = 64;

std::optional<std::string> constant_text(const Value& value) {
  if (const auto* chars = value.as<std::string>()) return *chars;
  if (const auto* whole = value.as<int64_t>()) return std::to_string(*whole);
  return std::nullopt;
}

namespace {

Maybe all_known(const Scope& scope, const std::vector<Value>& pieces) {
  std::string out;
  for (const Value& piece : pieces) {
    if (const auto chars = constant_text(piece)) {
      out += *chars;
    } else if (const auto number = number_of(piece); number && scope.row == nullptr) {
      out += number_text(*number);
    } else {
      return std::nullopt;
    }
  }
  return Value{std::move(out)};
}

bool prints_ids(const Scope& scope, const Value& value) {
  const auto* row = value.as<Row>();
  if (row == nullptr || row->builder != scope.row) return false;
  const row::Type type = scope.row->type(row->expr);
  return type.kind == row::Kind::sid || type.element == row::Kind::sid;
}

std::vector<Value> separated(const std::vector<Value>& elements, const Value& separator) {
  std::vector<Value> pieces;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) pieces.push_back(separator);
    pieces.push_back(elements[i]);
  }
  return pieces;
}

/// The elements of a list as one text.
Maybe joined(Evaluator& e, const Scope& scope, const Value& list, const Value& separator,
             Span span) {
  if (const auto* elements = elements_of(list))
    return join_texts(e, scope, separated(*elements, separator), span);
  const auto items = lift(e, scope, list, span);
  const auto between = items ? lift(e, scope, separator, span) : std::nullopt;
  if (!between) return std::nullopt;
  return row_value(scope, scope.row->add(Op::join, {row::Kind::text}, {*items, *between}));
}

Maybe hole(Evaluator& e, const Scope& scope, const ast::TextPart& part) {
  const Span span = span_of(e, scope, part.expr);
  Maybe value = evaluate(e, scope, part.expr);
  if (!value) return std::nullopt;
  if (prints_ids(scope, *value))
    return fail(e, Kind::not_in_row_function, span,
                "a semantic id is made of tokens, it can be printed in a turn but not kept in a "
                "text");
  if (const auto* choice = value->shared<Choice>()) return text_of_choice(e, scope, *choice, span);
  const bool list = elements_of(*value) != nullptr || row_list(*value) != nullptr;
  if (!list || part.separator.empty()) return value;
  const Maybe separator = evaluate_text(e, scope, part.separator[0]);
  return separator ? joined(e, scope, *value, *separator, span) : std::nullopt;
}

Maybe text_if(Evaluator& e, const Scope& scope, const ast::TextPart& part) {
  const Span span = span_of(e, scope, part.expr);
  const Maybe condition = evaluate(e, scope, part.expr);
  if (!condition) return std::nullopt;
  if (counted(e, *condition)) return not_constant(e, "a condition", *condition, span);
  auto branch = [&](size_t i) -> Maybe {
    return i < part.bodies.size() ? evaluate_text(e, scope, part.bodies[i]) : Value{std::string()};
  };
  if (const auto* known = condition->as<bool>()) return branch(*known ? 0 : 1);
  const Maybe then = branch(0), otherwise = then ? branch(1) : std::nullopt;
  return otherwise ? choose_between(e, scope, *condition, *then, *otherwise, span) : std::nullopt;
}

Maybe text_for(Evaluator& e, const Scope& scope, const ast::TextPart& part) {
  const Span span = span_of(e, scope, part.expr);
  const Maybe items = evaluate(e, scope, part.expr);
  if (!items) return std::nullopt;
  const Maybe separator =
      part.separator.empty() ? Value{std::string()} : evaluate_text(e, scope, part.separator[0]);
  auto body = [&](const Value& element) -> Maybe {
    Scope inner = scope;
    inner.names = bind_name(scope.names, part.variable.text, element);
    return part.bodies.empty() ? Value{std::string()} : evaluate_text(e, inner, part.bodies[0]);
  };
  const Maybe texts = separator ? map_list(e, scope, *items, body, span) : std::nullopt;
  return texts ? joined(e, scope, *texts, *separator, span) : std::nullopt;
}

Maybe text_part(Evaluator& e, const Scope& scope, const ast::TextPart& part) {
  switch (part.kind) {
    case ast::TextPart::Kind::chars: return Value{part.chars};
    case ast::TextPart::Kind::hole: return hole(e, scope, part);
    case ast::TextPart::Kind::for_each: return text_for(e, scope, part);
    case ast::TextPart::Kind::if_: return text_if(e, scope, part);
  }
  return std::nullopt;
}

}  // namespace

Maybe join_texts(Evaluator& e, const Scope& scope, const std::vector<Value>& pieces, Span span) {
  for (const Value& piece : pieces) {
    if (counted(e, piece)) return not_constant(e, "a text", piece, span);
  }
  size_t bytes = 0;
  for (const Value& piece : pieces) {
    const auto* chars = piece.as<std::string>();
    if (chars != nullptr) bytes += chars->size();
  }
  if (!spend(e, span, bytes / kBytesPerStep)) return std::nullopt;
  if (Maybe known = all_known(scope, pieces)) return known;
  std::vector<row::ExprId> parts;
  std::string run;
  auto flush = [&] {
    if (!run.empty()) parts.push_back(scope.row->constant(run));
    run.clear();
  };
  for (const Value& piece : pieces) {
    if (const auto chars = constant_text(piece)) {
      run += *chars;
      continue;
    }
    const auto id = lift(e, scope, piece, span);
    if (!id) return std::nullopt;
    flush();
    parts.push_back(*id);
  }
  flush();
  return row_value(scope, scope.row->add(Op::concat, {row::Kind::text}, std::move(parts)));
}

Maybe evaluate_text(Evaluator& e, const Scope& scope, const ast::Text& text) {
  std::vector<Value> pieces;
  for (const ast::TextPart& part : text.parts) {
    Maybe piece = text_part(e, scope, part);
    if (!piece) return std::nullopt;
    pieces.push_back(std::move(*piece));
  }
  return join_texts(e, scope, pieces, text.span);
}

}  // namespace rexp::eval
