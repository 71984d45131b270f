// Modules, declarations, bodies and templates.
#include <cmath>

#include "compiler/parse/build.h"

namespace rexp::parse {

using diagnostics::Kind;
using P = rexp_grammar::RexpParser;

Builder::Builder(std::string_view source, source::FileId file, const PointMap& points,
                 antlr4::BufferedTokenStream& tokens, diagnostics::Sink& sink)
    : source_(source), file_(file), points_(points), tokens_(tokens), sink_(sink) {
  module_.file = file;
}

// ---- shared -------------------------------------------------------------------------------------

source::Span Builder::span(antlr4::ParserRuleContext* c) const {
  if (!c || !c->getStart()) return source::Span{file_, 0, 0};
  const source::Span begin = points_.span(*c->getStart());
  if (!c->getStop()) return begin;
  const source::Span end = points_.span(*c->getStop());
  return source::Span{file_, begin.begin, std::max(begin.begin, end.end)};
}

source::Span Builder::span(antlr4::tree::TerminalNode* node) const {
  return points_.span(*node->getSymbol());
}

diagnostics::Diagnostic& Builder::error(Kind kind, source::Span span, std::string message) {
  return sink_.add(kind, span, std::move(message));
}

ast::Name Builder::name(P::NameContext* c) {
  if (failed(c)) return {"", span(c)};
  return {c->getText(), span(c)};
}

std::vector<ast::Name> Builder::names(const std::vector<P::NameContext*>& list) {
  std::vector<ast::Name> out;
  for (P::NameContext* c : list) out.push_back(name(c));
  return out;
}

ast::Path Builder::path(P::PathContext* c) { return c ? names(c->name()) : ast::Path(); }

ast::DeclId Builder::add(antlr4::ParserRuleContext* c, ast::Name name,
                         decltype(ast::Decl::node) node) {
  module_.decl_nodes.push_back(ast::Decl{span(c), std::move(name), doc(c), std::move(node)});
  return {static_cast<int32_t>(module_.decl_nodes.size() - 1)};
}

/// The `///` lines right above, without the slashes and one space.
std::string Builder::doc(antlr4::ParserRuleContext* c) const {
  std::string text;
  size_t line = c->getStart()->getLine();
  for (size_t i = c->getStart()->getTokenIndex(); i-- > 0;) {
    const antlr4::Token* token = tokens_.get(i);  // getTokens() would copy them all
    const bool above = token->getType() == P::DOC && token->getLine() + 1 == line;
    const bool alone = i == 0 || tokens_.get(i - 1)->getLine() != token->getLine();
    if (!above || !alone) break;
    std::string words = token->getText().substr(3);
    if (words.starts_with(' ')) words.erase(0, 1);
    text = text.empty() ? words : words + "\n" + text;
    line = token->getLine();
  }
  return text;
}

void Builder::check_assign(P::AssignContext* c) {
  if (c && c->EQ())
    error(Kind::syntax, span(c), "`==` compares where `=` is required").help = "write `=`";
}

/// One item to a line, or `;` between them. A comma is read as `;`.
void Builder::check_separators(antlr4::ParserRuleContext* c, const char* what) {
  antlr4::ParserRuleContext* last = nullptr;  // the item to the left, if nothing separates it
  bool told = false;
  for (antlr4::tree::ParseTree* child : c->children) {
    if (auto* sign = dynamic_cast<antlr4::tree::TerminalNode*>(child)) {
      last = nullptr;
      if (sign->getSymbol()->getType() != P::COMMA || told) continue;
      told = true;
      error(Kind::syntax, span(sign), std::string("`,` between ") + what).help =
          "separate them by a new line or `;`";
      continue;
    }
    auto* rule = dynamic_cast<antlr4::ParserRuleContext*>(child);
    if (dynamic_cast<P::VariablesContext*>(child)) continue;
    const bool beside = last && !failed(last) && last->getStop() && rule->getStart() &&
                        last->getStop()->getLine() == rule->getStart()->getLine();
    if (beside && !told) {
      told = true;
      error(Kind::syntax, points_.span(*rule->getStart()),
            std::string("no `;` between ") + what + " on one line")
          .help = "separate them by a new line or `;`";
    }
    last = rule;
  }
}

// ---- modules ------------------------------------------------------------------------------------

ast::Module Builder::module(P::ModuleContext* tree) {
  bool declared = false;
  for (antlr4::tree::ParseTree* child : tree->children) {
    if (auto* e = dynamic_cast<P::EditionContext*>(child)) {
      if (declared || module_.edition || !module_.imports.empty()) {
        error(Kind::syntax, span(e), "edition is stated below other lines").help =
            "`edition` is the first line of a file";
      }
      edition(e);
    } else if (auto* i = dynamic_cast<P::ImportDeclContext*>(child)) {
      if (declared)
        error(Kind::syntax, span(i), "import stands below a declaration").help =
            "move it to the top of the file";
      import(i);
    } else if (auto* d = dynamic_cast<P::DeclContext*>(child)) {
      declared = true;
      const ast::DeclId id = decl(d);
      if (id.valid()) module_.decls.push_back(id);
    }
  }
  return std::move(module_);
}

std::pair<ast::Module, ast::ExprId> Builder::fragment(P::FragmentExprContext* tree) {
  const ast::ExprId id = expr(tree->expr());
  return {std::move(module_), id};
}

void Builder::edition(P::EditionContext* c) {
  module_.edition_span = span(c);
  if (failed(c) || !c->NUMBER()) return;
  const ast::ExprId id = plain_number(c->NUMBER()->getSymbol(), span(c->NUMBER()), ast::Unit::none);
  module_.edition = std::get<ast::Number>(module_.expr_nodes[id.index].node).value;
}

void Builder::import(P::ImportDeclContext* c) {
  ast::Import out{span(c), path(c->path()), std::nullopt, {}};
  if (c->AS()) {
    if (!c->name().empty()) out.alias = name(c->name(0));
  } else {
    out.names = names(c->name());
  }
  module_.imports.push_back(std::move(out));
}

// ---- declarations -------------------------------------------------------------------------------

ast::DeclId Builder::decl(P::DeclContext* c) {
  if (auto* d = c->letDecl()) return let(d);
  if (auto* d = c->requireDecl()) return require(d);
  if (auto* d = c->blockDecl()) return block(d);
  if (auto* d = c->fnDecl()) {
    check_assign(d->assign());
    ast::FnDecl fn{parameters(d->params()), std::nullopt, {}};
    if (d->ARROW()) fn.result = type(d->type());
    fn.body = expr(d->expr());
    return add(d, name(d->name()), std::move(fn));
  }
  if (auto* d = c->externDecl()) {
    if (d->SCHEMA()) {
      ast::SchemaDecl opaque;
      opaque.opaque = true;
      opaque.variables = variables(d->variables());
      if (d->type()) opaque.base = type(d->type());
      return add(d, name(d->name()), std::move(opaque));
    }
    ast::ExternDecl fn{parameters(d->params()), type(d->type()), std::nullopt, false};
    if (d->receiver()) fn.receiver = receiver(d->receiver());
    fn.property = d->params() == nullptr;
    return add(d, name(d->name()), std::move(fn));
  }
  if (auto* d = c->kindDecl()) return add(d, name(d->name()), ast::KindDecl{type(d->type())});
  if (auto* d = c->schemaDecl()) {
    ast::SchemaDecl fields = schema(d);
    return add(d, name(d->name()), std::move(fields));
  }
  if (auto* d = c->enumDecl()) {
    std::vector<ast::Name> all = names(d->name());
    ast::Name first = all.empty() ? ast::Name{"", span(d)} : all.front();
    if (!all.empty()) all.erase(all.begin());
    return add(d, std::move(first), ast::EnumDecl{std::move(all)});
  }
  if (auto* d = c->templateDecl()) {
    ast::TemplateDecl body = template_(d);
    return add(d, name(d->name()), std::move(body));
  }
  return {};
}

ast::DeclId Builder::let(P::LetDeclContext* c) {
  check_assign(c->assign());
  ast::LetDecl let;
  if (c->type()) let.type = type(c->type());
  let.value = expr(c->expr());
  return add(c, name(c->name()), let);
}

ast::DeclId Builder::require(P::RequireDeclContext* c) {
  ast::RequireDecl require{expr(c->expr()), std::nullopt};
  if (c->text()) require.message = text(c->text());
  return add(c, ast::Name{"", span(c)}, std::move(require));
}

ast::DeclId Builder::block(P::BlockDeclContext* c) {
  check_assign(c->assign());
  ast::BlockDecl block;
  if (c->IDENT()) block.kind = {c->IDENT()->getText(), span(c->IDENT())};
  block.has_parameters = c->params() != nullptr;
  block.parameters = parameters(c->params());
  if (c->type()) block.type = type(c->type());
  if (c->body()) {
    block.value = body(c->body());
  } else {
    block.value = expr(c->expr());
  }
  return add(c, name(c->name()), std::move(block));
}

ast::SchemaDecl Builder::schema(P::SchemaDeclContext* c) {
  ast::SchemaDecl out;
  check_separators(c, "fields");
  out.variables = variables(c->variables());
  if (c->type()) out.base = type(c->type());
  for (P::SchemaFieldContext* f : c->schemaField()) {
    check_assign(f->assign());
    ast::SchemaField field{name(f->name()), type(f->type()), std::nullopt, std::nullopt, doc(f)};
    size_t next = 0;
    if (f->assign() && next < f->expr().size()) field.initial = expr(f->expr(next++));
    if (f->WHERE() && next < f->expr().size()) field.condition = expr(f->expr(next));
    if (!field.name.text.empty()) out.fields.push_back(std::move(field));
  }
  return out;
}

std::vector<ast::Parameter> Builder::parameters(P::ParamsContext* c) {
  std::vector<ast::Parameter> out;
  if (!c) return out;
  for (P::ParamContext* p : c->param()) {
    check_assign(p->assign());
    ast::Parameter parameter{name(p->name()), type(p->type()), std::nullopt};
    if (p->expr()) parameter.initial = expr(p->expr());
    if (!parameter.name.text.empty()) out.push_back(std::move(parameter));
  }
  return out;
}

// ---- bodies -------------------------------------------------------------------------------------

ast::BodyId Builder::body(P::BodyContext* c) {
  ast::Body out;
  out.span = span(c);
  if (c) {
    check_separators(c, "fields");
    for (P::ItemContext* i : c->item()) {
      if (std::optional<ast::Item> made = item(i)) out.items.push_back(std::move(*made));
    }
  }
  module_.body_nodes.push_back(std::move(out));
  return {static_cast<int32_t>(module_.body_nodes.size() - 1)};
}

std::optional<ast::Item> Builder::item(P::ItemContext* c) {
  ast::Item out;
  out.span = span(c);
  if (auto* d = c->letDecl()) {
    out.kind = ast::Item::Kind::let;
    out.decl = let(d);
  } else if (auto* d = c->requireDecl()) {
    out.kind = ast::Item::Kind::require;
    out.decl = require(d);
  } else if (auto* d = c->blockDecl()) {
    out.kind = ast::Item::Kind::block;
    out.decl = block(d);
  } else if (auto* b = c->body()) {
    out.kind = ast::Item::Kind::nested;
    out.path = {name(c->name())};
    out.body = body(b);
  } else if (c->path()) {
    out.kind = c->IN()      ? ast::Item::Kind::axis_in
               : c->TILDE() ? ast::Item::Kind::axis_draw
                            : ast::Item::Kind::assign;
    out.path = path(c->path());
    const bool colon =
        c->COLON() && source_[span(c->COLON()).begin] == ':';  // another colon has an error already
    if (colon)
      error(Kind::syntax, span(c->COLON()), "`:` sets a field where `=` is required").help =
          "write `=`";
    if (c->EQ())
      error(Kind::syntax, span(c->EQ()), "`==` compares where `=` is required").help = "write `=`";
    if (!c->expr() && failed(c)) return std::nullopt;
    out.value = expr(c->expr());
  } else {
    return std::nullopt;
  }
  return out;
}

// ---- templates ----------------------------------------------------------------------------------

ast::TemplateDecl Builder::template_(P::TemplateDeclContext* c) {
  ast::TemplateDecl out{parameters(c->params()), {}};
  out.turns = turns(c->turns());
  return out;
}

std::vector<ast::TurnId> Builder::turns(P::TurnsContext* c) {
  std::vector<ast::TurnId> out;
  if (!c) return out;
  for (P::TurnContext* t : c->turn()) {
    const ast::TurnId id = turn(t);
    if (id.valid()) out.push_back(id);
  }
  return out;
}

ast::TurnId Builder::turn(P::TurnContext* c) {
  if (c->role()) return add(c, said(c));
  if (c->CHOICE()) {
    check_assign(c->assign());
    ast::Turn::Choice choice{name(c->name()), {}};
    if (c->oneOf()) choice.options = one_of(c->oneOf());
    return add(c, std::move(choice));
  }
  const std::vector<P::TurnsContext*> bodies = c->turns();
  if (c->FOR()) {
    ast::Turn::ForEach loop{name(c->name()), expr(c->expr()), {}};
    if (!bodies.empty()) loop.body = turns(bodies[0]);
    return add(c, std::move(loop));
  }
  if (c->IF()) {
    ast::Turn::If branch{expr(c->expr()), {}, {}};
    if (!bodies.empty()) branch.then = turns(bodies[0]);
    if (bodies.size() > 1) branch.otherwise = turns(bodies[1]);
    return add(c, std::move(branch));
  }
  return {};
}

ast::TurnId Builder::add(P::TurnContext* c, decltype(ast::Turn::node) node) {
  module_.turn_nodes.push_back(ast::Turn{span(c), std::move(node)});
  return {static_cast<int32_t>(module_.turn_nodes.size() - 1)};
}

ast::Turn::Said Builder::said(P::TurnContext* c) {
  P::RoleContext* role = c->role();
  ast::Turn::Said said;
  said.masked = c->MASKED() != nullptr;
  said.role = role->SYSTEM()      ? ast::Role::system
              : role->USER()      ? ast::Role::user
              : role->ASSISTANT() ? ast::Role::assistant
                                  : ast::Role::document;
  said.role_span = span(role);
  if (c->said() && c->said()->oneOf()) {
    said.content = one_of(c->said()->oneOf());
  } else {
    said.content = c->said() ? expr(c->said()->expr()) : broken(span(c));
  }
  return said;
}

ast::OneOf Builder::one_of(P::OneOfContext* c) {
  check_separators(c, "variants");
  ast::OneOf out{span(c), {}};
  for (P::VariantContext* v : c->variant()) {
    if (v->name() && v->text()) out.variants.push_back(variant(v));
  }
  if (out.variants.empty() && !failed(c)) {
    error(Kind::syntax, out.span, "`one of` has no variants").help =
        "a variant is `name: \"text\"`, perhaps `* weight`";
  }
  return out;
}

ast::Variant Builder::variant(P::VariantContext* c) {
  ast::Variant out{name(c->name()), c->HELD_OUT() != nullptr, text(c->text()), 1};
  if (c->ASSIGN())
    error(Kind::syntax, span(c->ASSIGN()), "`=` behind the name of a variant where `:` is required")
        .help = "write `:`";
  if (c->NUMBER()) {
    const ast::ExprId id =
        plain_number(c->NUMBER()->getSymbol(), span(c->NUMBER()), ast::Unit::none);
    out.weight = std::get<ast::Number>(module_.expr_nodes[id.index].node).value;
  }
  return out;
}

}  // namespace rexp::parse
