// Declarations: evaluated when first named, and remembered.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

Value enum_names(const check::Program& program, int32_t enumeration) {
  Fields names;
  const std::vector<std::string>& values = program.enumeration(enumeration).values;
  for (size_t i = 0; i < values.size(); ++i)
    names.entries.emplace_back(values[i], Value{EnumValue{enumeration, static_cast<int32_t>(i)}});
  return shared_value(std::move(names));
}

TypeId declared_type(const Evaluator& e, Symbol symbol) {
  const auto at = e.typed.declarations.find(symbol);
  return at == e.typed.declarations.end() ? TypeId{} : at->second.type;
}

bool runs_whole(Evaluator& e, TypeId type) {
  return e.program.is(type, Known::Experiment) || e.program.is(type, Known::Sweep);
}

/// `dataset notes: Rows<Note> { source = … }`
Maybe table_value(Evaluator& e, TypeId type, const ast::Body& body, const std::string& owner,
                  const Place& place) {
  const int32_t schema = e.program.known(Known::Table);
  const Maybe made = make_record(e, e.program.record(schema), &body, nullptr, owner, place);
  if (!made) return std::nullopt;
  const auto* record = made->shared<Record>();
  Made table{e.program.schema(schema).symbol, type, {}, place.span};
  const auto& fields = e.program.schema(schema).fields;
  for (size_t i = 0; i < fields.size(); ++i)
    table.arguments.emplace_back(fields[i].name, *record->fields[i].value);
  return shared_value(std::move(table));
}

/// The value under the declaration's name.
Value named(Value value, Symbol symbol, const ast::Decl& decl) {
  if (const auto* record = value.shared<Record>()) {
    Record copy = *record;
    copy.name = decl.name.text;
    copy.symbol = symbol;
    copy.span = decl.name.span;
    return shared_value(std::move(copy));
  }
  if (const auto* task = value.shared<Task>()) {
    Task copy = *task;
    copy.name = decl.name.text;
    return shared_value(std::move(copy));
  }
  return value;
}

Maybe evaluate_form(Evaluator& e, Symbol symbol, const ast::Decl& decl) {
  const Scope scope{symbol.module, nullptr, nullptr};
  if (const auto* let = std::get_if<ast::LetDecl>(&decl.node))
    return evaluate(e, scope, let->value);
  if (const auto* fn = std::get_if<ast::FnDecl>(&decl.node))
    return shared_value(
        Closure{symbol.module, nullptr, fn->body, fn->parameters, decl.name.text, symbol});
  if (std::holds_alternative<ast::ExternDecl>(decl.node)) return Value{Callable{symbol}};
  if (const auto schema = e.program.schema_of(symbol)) return Value{SchemaName{*schema}};
  if (const auto enumeration = e.program.enum_of(symbol))
    return enum_names(e.program, *enumeration);
  if (std::holds_alternative<ast::TemplateDecl>(decl.node)) return Value{TemplateRef{symbol, ""}};
  if (const auto* block = std::get_if<ast::BlockDecl>(&decl.node)) {
    if (block->has_parameters || runs_whole(e, declared_type(e, symbol)))
      return Value{Callable{symbol}};
    return evaluate_block(e, symbol, nullptr);
  }
  return fail(e, Kind::wrong_type, decl.name.span, "`" + decl.name.text + "` is not a value");
}

}  // namespace

Maybe evaluate_declaration(Evaluator& e, Symbol symbol) {
  if (const auto at = e.declarations.find(symbol); at != e.declarations.end()) return at->second;
  const ast::Decl& decl = e.program.decl(symbol);
  if (!e.open.insert(symbol).second)
    return fail(e, Kind::definition_cycle, decl.name.span,
                "`" + decl.name.text + "` is defined by itself");
  Maybe value = evaluate_form(e, symbol, decl);
  if (value) value = assigned(e, symbol, std::move(*value));
  e.open.erase(symbol);
  return e.declarations[symbol] = std::move(value);
}

Maybe evaluate_block(Evaluator& e, Symbol symbol, EnvironmentPtr names) {
  const ast::Decl& decl = e.program.decl(symbol);
  const auto& block = std::get<ast::BlockDecl>(decl.node);
  const Scope scope{symbol.module, std::move(names), nullptr};
  TypeId type = declared_type(e, symbol);
  if (block.has_parameters && e.program.types.kind(type) == TypeKind::function)
    type = e.program.types[type].arguments.back();
  const Place place{scope, decl.name.span, type};
  const std::string owner = block.kind.text + " `" + decl.name.text + "`";
  Maybe value;
  if (const auto* expr = std::get_if<ast::ExprId>(&block.value)) {
    value = evaluate(e, scope, *expr);
  } else {
    const ast::BodyId body = std::get<ast::BodyId>(block.value);
    if (e.program.is(type, Known::Mixture)) {
      value = make_mixture(e, body, nullptr, place);
    } else if (e.program.types.kind(type) != TypeKind::record) {
      return std::nullopt;  // check has said why it has no type
    } else if (e.program.is(type, Known::Rows)) {
      value = table_value(e, type, tree(e, symbol.module)[body], owner, place);
    } else {
      value = make_record(e, type, &tree(e, symbol.module)[body], nullptr, owner, place);
    }
  }
  return value ? Maybe(named(std::move(*value), symbol, decl)) : std::nullopt;
}

bool run_local(Evaluator& e, Scope* scope, const ast::Item& item) {
  const ast::Decl& decl = tree(e, scope->module)[item.decl];
  if (const auto* let = std::get_if<ast::LetDecl>(&decl.node)) {
    Maybe value = evaluate(e, *scope, let->value);
    if (!value) return false;
    scope->names = bind_name(scope->names, decl.name.text, std::move(*value));
    return true;
  }
  if (const auto* require = std::get_if<ast::RequireDecl>(&decl.node))
    return check_require(e, *scope, *require);
  return true;
}

}  // namespace rexp::eval
