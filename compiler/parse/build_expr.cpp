// Types and expressions.
#include <charconv>
#include <cmath>
#include <map>

#include "compiler/parse/build.h"

namespace rexp::parse {

using diagnostics::Kind;
using P = rexp_grammar::RexpParser;

namespace {

// Later phases walk the tree recursively, so its depth is bounded here.
constexpr size_t kMaxSuffixes = 500;    // of one value: `a.b(c)[0]` has three
constexpr size_t kMaxOperators = 1000;  // in one chain `a + b + c`

const std::map<std::string, ast::Unit, std::less<>> kUnits = {
    {"epoch", ast::Unit::epochs}, {"epochs", ast::Unit::epochs}, {"step", ast::Unit::steps},
    {"steps", ast::Unit::steps},  {"token", ast::Unit::tokens},  {"tokens", ast::Unit::tokens},
    {"row", ast::Unit::rows},     {"rows", ast::Unit::rows},     {"seed", ast::Unit::seeds},
    {"seeds", ast::Unit::seeds},  {"min", ast::Unit::minutes},   {"h", ast::Unit::hours},
    {"s", ast::Unit::seconds},    {"x", ast::Unit::copies},
};

ast::BinaryOp operator_of(size_t token) {
  switch (token) {
    case P::STAR: return ast::BinaryOp::mul;
    case P::SLASH: return ast::BinaryOp::div;
    case P::PLUS: return ast::BinaryOp::add;
    case P::MINUS: return ast::BinaryOp::sub;
    case P::DOTDOT: return ast::BinaryOp::range;
    case P::LT: return ast::BinaryOp::lt;
    case P::LE: return ast::BinaryOp::le;
    case P::GT: return ast::BinaryOp::gt;
    case P::GE: return ast::BinaryOp::ge;
    case P::EQ: return ast::BinaryOp::eq;
    case P::NE: return ast::BinaryOp::ne;
    case P::IN: return ast::BinaryOp::in;
    case P::IS: return ast::BinaryOp::is;
    case P::AND: return ast::BinaryOp::and_;
    default: return ast::BinaryOp::or_;
  }
}

}  // namespace

ast::ExprId Builder::add(source::Span span, decltype(ast::Expr::node) node) {
  module_.expr_nodes.push_back(ast::Expr{span, std::move(node)});
  return {static_cast<int32_t>(module_.expr_nodes.size() - 1)};
}

// ---- types --------------------------------------------------------------------------------------

ast::TypeId Builder::type(P::TypeContext* c) {
  ast::Type out;
  out.span = span(c);
  if (c) {
    if (P::LabelContext* label = c->label()) {
      out.label = label->STATIC()   ? ast::Label::static_
                  : label->PAST()   ? ast::Label::past
                  : label->TARGET() ? ast::Label::target
                                    : ast::Label::future;
    }
    out.optional = c->QUESTION() != nullptr;
    out.node = one_of(c->typeAtom());
  }
  module_.type_nodes.push_back(std::move(out));
  return {static_cast<int32_t>(module_.type_nodes.size() - 1)};
}

ast::Type::Node Builder::one_of(const std::vector<P::TypeAtomContext*>& contexts) {
  std::vector<ast::TypeId> atoms;
  for (P::TypeAtomContext* atom : contexts) atoms.push_back(type_atom(atom));
  if (atoms.empty()) return {};
  if (atoms.size() == 1) return module_.type_nodes[atoms[0].index].node;
  return ast::Type::Union{std::move(atoms)};
}

ast::TypeId Builder::type_atom(P::TypeAtomContext* c) {
  ast::Type out;
  out.span = span(c);
  std::vector<ast::TypeId> parts;
  for (P::TypeContext* t : c->type()) parts.push_back(type(t));
  if (P::TypePathContext* p = c->typePath()) {
    ast::Path path;
    if (p->IDENT()) path.push_back({p->IDENT()->getText(), span(p->IDENT())});
    for (ast::Name& field : names(p->name())) path.push_back(std::move(field));
    out.node = ast::Type::Named{std::move(path), std::move(parts)};
  } else if (c->FN() && !parts.empty()) {
    const ast::TypeId result = parts.back();
    parts.pop_back();
    out.node = ast::Type::Function{std::move(parts), result};
  } else if (c->LBRACK() && !parts.empty()) {
    out.node = ast::Type::List{parts[0]};
  } else {
    out.node = one_of(c->typeAtom());
  }
  module_.type_nodes.push_back(std::move(out));
  return {static_cast<int32_t>(module_.type_nodes.size() - 1)};
}

ast::TypeId Builder::receiver(P::ReceiverContext* c) {
  ast::Type out;
  out.span = span(c);
  std::vector<ast::TypeId> parts;
  for (P::TypeContext* t : c->type()) parts.push_back(type(t));
  if (c->IDENT()) {
    out.node = ast::Type::Named{{{c->IDENT()->getText(), span(c->IDENT())}}, std::move(parts)};
  } else if (!parts.empty()) {
    out.node = ast::Type::List{parts[0]};
  }
  module_.type_nodes.push_back(std::move(out));
  return {static_cast<int32_t>(module_.type_nodes.size() - 1)};
}

std::vector<ast::SchemaDecl::Variable> Builder::variables(P::VariablesContext* c) {
  std::vector<ast::SchemaDecl::Variable> out;
  if (!c) return out;
  for (P::VariableContext* v : c->variable()) {
    if (v->IDENT() == nullptr) continue;
    ast::SchemaDecl::Variable made{{v->IDENT()->getText(), span(v->IDENT())}, std::nullopt};
    if (v->type()) made.fallback = type(v->type());
    out.push_back(std::move(made));
  }
  return out;
}

// ---- operators ----------------------------------------------------------------------------------

ast::ExprId Builder::expr(P::ExprContext* c) {
  if (!c) return broken(span(c));
  if (auto* l = c->lambda()) return lambda(l);
  if (auto* m = c->matchExpr()) return match(m);
  if (auto* b = c->binary()) return binary(b);
  if (auto* i = c->ifExpr()) {
    if (i->expr().size() < 3) return broken(span(i));
    ast::If branch{expr(i->expr(0)), expr(i->expr(1)), expr(i->expr(2))};
    return add(span(i), branch);
  }
  return broken(span(c));
}

ast::ExprId Builder::lambda(P::LambdaContext* c) {
  ast::Lambda out{names(c->name()), expr(c->expr())};
  return add(span(c), std::move(out));
}

ast::ExprId Builder::match(P::MatchExprContext* c) {
  ast::Match out;
  if (c->expr()) out.subject = expr(c->expr());
  for (P::ArmContext* a : c->arm()) {
    ast::Arm arm;
    if (!a->ELSE()) arm.condition = a->binary() ? binary(a->binary()) : broken(span(a));
    arm.value = expr(a->expr());
    out.arms.push_back(arm);
  }
  return add(span(c), std::move(out));
}

/// A chain `a + b + c` leans to the left, as deep as it is long, so its spine is walked and not
/// recursed into.
ast::ExprId Builder::binary(P::BinaryContext* c) {
  std::vector<P::BinaryContext*> spine;
  while (!c->NOT() && !c->unary() && !c->binary().empty()) {
    spine.push_back(c);
    c = c->binary(0);
  }
  if (spine.size() > kMaxOperators) {
    error(Kind::too_deep, span(spine[0]), "value has more than 1000 operators in a row").help =
        "give a part of it a name with `let`";
    return broken(span(spine[0]));
  }
  ast::ExprId value = operand(c);
  for (auto link = spine.rbegin(); link != spine.rend(); ++link) value = joined(value, *link);
  return value;
}

ast::ExprId Builder::operand(P::BinaryContext* c) {
  if (c->unary()) return unary(c->unary());
  if (!c->NOT() || c->binary().empty()) return broken(span(c));
  const ast::ExprId operand = binary(c->binary(0));
  return add(span(c), ast::Unary{ast::UnaryOp::not_, operand});
}

/// `left` with the operator and the right side of `c`.
ast::ExprId Builder::joined(ast::ExprId left, P::BinaryContext* c) {
  if (c->WITH()) {
    const ast::BodyId changes = body(c->body());
    return add(span(c), ast::WithBody{left, changes});
  }
  auto* sign =
      c->children.size() > 1 ? dynamic_cast<antlr4::tree::TerminalNode*>(c->children[1]) : nullptr;
  if (!sign || c->binary().size() < 2) return broken(span(c));
  const ast::ExprId right = binary(c->binary(1));
  if (c->PIPE()) return add(span(c), ast::Pipe{left, right});
  return add(span(c), ast::Binary{operator_of(sign->getSymbol()->getType()), left, right});
}

ast::ExprId Builder::unary(P::UnaryContext* c) {
  if (c->postfix()) return postfix(c->postfix());
  if (!c->unary()) return broken(span(c));
  const ast::ExprId operand = unary(c->unary());
  return add(span(c), ast::Unary{ast::UnaryOp::neg, operand});
}

// ---- values -------------------------------------------------------------------------------------

ast::ExprId Builder::postfix(P::PostfixContext* c) {
  if (!c->primary()) return broken(span(c));
  ast::ExprId value = primary(c->primary());
  const std::vector<P::SuffixContext*> suffixes = c->suffix();
  if (suffixes.size() > kMaxSuffixes) {
    error(Kind::too_deep, span(suffixes[kMaxSuffixes]),
          "value has more than 500 calls, fields and indices in a row")
        .help = "give a part of it a name with `let`";
    return broken(span(c));
  }
  for (P::SuffixContext* s : suffixes) value = suffix(value, s);
  return value;
}

ast::ExprId Builder::suffix(ast::ExprId object, P::SuffixContext* c) {
  const source::Span whole = source::cover(module_.expr_nodes[object.index].span, span(c));
  if (c->DOT()) return add(whole, ast::FieldRef{object, name(c->name())});
  if (c->body()) return add(whole, ast::Construct{object, body(c->body())});
  if (c->AT())
    return add(whole, ast::AtSize{object, c->atSize() ? at_size(c->atSize()) : broken(whole)});
  if (c->LBRACK()) return add(whole, ast::IndexRef{object, expr(c->expr())});
  ast::Call call{object, {}};
  if (c->args()) {
    for (P::ArgContext* a : c->args()->arg()) {
      ast::Argument argument;
      if (a->name()) argument.name = name(a->name());
      argument.value = expr(a->expr());
      call.arguments.push_back(std::move(argument));
    }
  }
  return add(whole, std::move(call));
}

ast::ExprId Builder::at_size(P::AtSizeContext* c) {
  if (c->NUMBER()) return plain_number(c->NUMBER()->getSymbol(), span(c), ast::Unit::none);
  if (c->IDENT()) return add(span(c), ast::NameRef{{c->IDENT()->getText(), span(c)}});
  if (c->list()) return list(c->list());
  return expr(c->expr());
}

ast::ExprId Builder::primary(P::PrimaryContext* c) {
  if (c->number()) return number(c->number());
  if (c->text()) {
    ast::Text value = text(c->text());
    return add(span(c), ast::TextLiteral{std::move(value)});
  }
  if (c->TRUE() || c->FALSE()) return add(span(c), ast::Bool{c->TRUE() != nullptr});
  if (c->NONE()) return add(span(c), ast::None{});
  if (c->list()) return list(c->list());
  if (c->record()) return record(c->record());
  if (c->name() && !failed(c->name())) return add(span(c), ast::NameRef{name(c->name())});
  if (c->expr()) return expr(c->expr());
  return broken(span(c));
}

ast::ExprId Builder::number(P::NumberContext* c) {
  ast::Unit unit = ast::Unit::none;
  if (c->PERCENT()) unit = ast::Unit::percent;
  if (c->UNIT()) {
    const auto known = kUnits.find(c->UNIT()->getText());  // an unknown one has an error already
    if (known != kUnits.end()) unit = known->second;
  }
  if (c->SIZE()) return plain_number(c->SIZE()->getSymbol(), span(c), ast::Unit::bytes);
  if (c->NUMBER()) return plain_number(c->NUMBER()->getSymbol(), span(c), unit);
  return broken(span(c));
}

/// `1_000`, `2e-5`, `1.5k`, `64 KiB`.
ast::ExprId Builder::plain_number(antlr4::Token* token, source::Span span, ast::Unit unit) {
  std::string digits;
  for (char c : token->getText()) {
    if (c != '_') digits += c;
  }
  ast::Number out;
  out.unit = unit;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out.value);
  const std::string_view rest =
      std::string_view(digits).substr(static_cast<size_t>(read.ptr - digits.data()));
  const bool whole_digits = digits.find_first_of(".eE") == std::string::npos;
  double scale = 1;
  if (rest == "k") scale = 1e3;
  if (rest == "M") scale = 1e6;
  if (rest == "B") scale = 1e9;
  if (rest.ends_with("KiB")) scale = 1024.0;
  if (rest.ends_with("MiB")) scale = 1024.0 * 1024;
  if (rest.ends_with("GiB")) scale = 1024.0 * 1024 * 1024;
  out.value *= scale;
  out.integer = whole_digits || (scale > 1 && out.value == std::floor(out.value));
  if (read.ec != std::errc() || (out.integer && out.value > 9007199254740992.0)) {
    error(Kind::bad_number, span, "number is too large").help =
        "whole numbers reach to 2^53, others to about 1e308";
    out.value = 0;
  }
  return add(span, out);
}

ast::ExprId Builder::list(P::ListContext* c) {
  if (!c->FOR()) {
    ast::ListLiteral out;
    for (P::ExprContext* e : c->expr()) out.elements.push_back(expr(e));
    return add(span(c), std::move(out));
  }
  const std::vector<P::ExprContext*> parts = c->expr();
  if (parts.size() < 2 || !c->pattern()) return broken(span(c));
  ast::Comprehension out{expr(parts[0]), names(c->pattern()->name()), expr(parts[1]), std::nullopt};
  if (parts.size() > 2) out.where = expr(parts[2]);
  return add(span(c), std::move(out));
}

ast::ExprId Builder::record(P::RecordContext* c) {
  ast::RecordLiteral out;
  for (P::FieldContext* f : c->field()) {
    ast::RecordField field;
    if (f->name()) {
      field.name = name(f->name());
    } else if (f->text()) {
      const ast::Text key = text(f->text());
      field.name = {"", key.span};
      const bool plain = key.parts.size() == 1 && key.parts[0].kind == ast::TextPart::Kind::chars;
      if (plain) field.name.text = key.parts[0].chars;
      if (!plain)
        error(Kind::syntax, key.span, "key of a record is not a plain text").help =
            "write the name of the field";
    }
    field.value = expr(f->expr());
    out.fields.push_back(std::move(field));
  }
  return add(span(c), std::move(out));
}

}  // namespace rexp::parse
