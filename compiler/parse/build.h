// ANTLR's tree to ours. After a syntax error the generated tree has holes: any accessor may return
// null, and what cannot be read becomes Broken (a diagnostic exists already).
#pragma once

#include <string>

#include "RexpParser.h"
#include "compiler/ast/ast.h"
#include "compiler/diagnostics/diagnostics.h"
#include "compiler/parse/scanner.h"

namespace rexp::parse {

class Builder {
 public:
  using P = rexp_grammar::RexpParser;

  Builder(std::string_view source, source::FileId file, const PointMap& points,
          antlr4::BufferedTokenStream& tokens, diagnostics::Sink& sink);

  ast::Module module(P::ModuleContext* tree);
  std::pair<ast::Module, ast::ExprId> fragment(P::FragmentExprContext* tree);

 private:
  // build_decl.cpp
  void edition(P::EditionContext* c);
  void import(P::ImportDeclContext* c);
  ast::DeclId decl(P::DeclContext* c);
  ast::DeclId let(P::LetDeclContext* c);
  ast::DeclId require(P::RequireDeclContext* c);
  ast::DeclId block(P::BlockDeclContext* c);
  ast::DeclId add(antlr4::ParserRuleContext* c, ast::Name name, decltype(ast::Decl::node) node);
  ast::SchemaDecl schema(P::SchemaDeclContext* c);
  ast::TemplateDecl template_(P::TemplateDeclContext* c);
  std::vector<ast::TurnId> turns(P::TurnsContext* c);
  ast::TurnId turn(P::TurnContext* c);
  ast::TurnId add(P::TurnContext* c, decltype(ast::Turn::node) node);
  ast::Turn::Said said(P::TurnContext* c);
  ast::OneOf one_of(P::OneOfContext* c);
  ast::Variant variant(P::VariantContext* c);
  std::vector<ast::Parameter> parameters(P::ParamsContext* c);
  ast::BodyId body(P::BodyContext* c);
  std::optional<ast::Item> item(P::ItemContext* c);
  void check_assign(P::AssignContext* c);
  void check_separators(antlr4::ParserRuleContext* c, const char* what);
  std::string doc(antlr4::ParserRuleContext* c) const;

  // build_expr.cpp
  ast::TypeId type(P::TypeContext* c);
  ast::TypeId type_atom(P::TypeAtomContext* c);
  ast::Type::Node one_of(const std::vector<P::TypeAtomContext*>& contexts);
  ast::TypeId receiver(P::ReceiverContext* c);
  std::vector<ast::SchemaDecl::Variable> variables(P::VariablesContext* c);
  ast::ExprId expr(P::ExprContext* c);
  ast::ExprId lambda(P::LambdaContext* c);
  ast::ExprId match(P::MatchExprContext* c);
  ast::ExprId binary(P::BinaryContext* c);
  ast::ExprId operand(P::BinaryContext* c);
  ast::ExprId joined(ast::ExprId left, P::BinaryContext* c);
  ast::ExprId unary(P::UnaryContext* c);
  ast::ExprId postfix(P::PostfixContext* c);
  ast::ExprId suffix(ast::ExprId object, P::SuffixContext* c);
  ast::ExprId at_size(P::AtSizeContext* c);
  ast::ExprId primary(P::PrimaryContext* c);
  ast::ExprId number(P::NumberContext* c);
  ast::ExprId plain_number(antlr4::Token* token, source::Span span, ast::Unit unit);
  ast::ExprId list(P::ListContext* c);
  ast::ExprId record(P::RecordContext* c);
  ast::ExprId broken(source::Span span) { return add(span, ast::Broken{}); }
  ast::ExprId add(source::Span span, decltype(ast::Expr::node) node);

  // build_text.cpp
  friend class TextBuilder;
  ast::Text text(P::TextContext* c);

  // shared
  ast::Name name(P::NameContext* c);
  std::vector<ast::Name> names(const std::vector<P::NameContext*>& list);
  ast::Path path(P::PathContext* c);
  source::Span span(antlr4::ParserRuleContext* c) const;
  source::Span span(antlr4::tree::TerminalNode* node) const;
  diagnostics::Diagnostic& error(diagnostics::Kind kind, source::Span span, std::string message);

  std::string_view source_;
  source::FileId file_;
  const PointMap& points_;
  antlr4::BufferedTokenStream& tokens_;
  diagnostics::Sink& sink_;
  ast::Module module_;
};

/// True when the parser gave up inside this rule; its parts may be missing.
inline bool failed(const antlr4::ParserRuleContext* c) { return !c || c->exception != nullptr; }

}  // namespace rexp::parse
