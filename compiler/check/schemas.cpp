// Types: resolution of what is written, schemas with their inheritance, and which value may stand where.
#include <algorithm>

#include "compiler/check/program.h"

namespace rexp::check {
using diagnostics::Kind;

const Field* Schema::find(const std::string& field) const {
  for (const Field& candidate : fields) {
    if (candidate.name == field) return &candidate;
  }
  return nullptr;
}

std::optional<TypeId> Program::kind(const std::string& word) {
  auto at = kinds_.find(word);
  if (at == kinds_.end()) return std::nullopt;
  return resolve(at->second.module, std::get<ast::KindDecl>(decl(at->second).node).type);
}

std::vector<std::string> Program::kind_words() const {
  std::vector<std::string> words;
  for (const auto& [word, symbol] : kinds_) words.push_back(word);
  return words;
}

Label Program::label(ModuleId module, ast::TypeId type) const {
  return from_ast(modules_[module].tree[type].label);
}

TypeId Program::resolve(ModuleId module, ast::TypeId type_id, TypeVariables* variables) {
  if (!type_id.valid()) return types.scalar(TypeKind::hole);
  const ast::Type& type = modules_[static_cast<size_t>(module)].tree[type_id];
  TypeId out = types.scalar(TypeKind::error);
  if (const auto* named = std::get_if<ast::Type::Named>(&type.node)) {
    out = resolve_named(module, type, *named, variables);
  } else if (const auto* list = std::get_if<ast::Type::List>(&type.node)) {
    out = types.list(resolve(module, list->element, variables));
  } else if (const auto* function = std::get_if<ast::Type::Function>(&type.node)) {
    std::vector<TypeId> parts;
    for (ast::TypeId parameter : function->parameters)
      parts.push_back(resolve_argument(module, parameter, variables));
    parts.push_back(resolve_argument(module, function->result, variables));
    out = types.function(parts);
  } else if (const auto* either = std::get_if<ast::Type::Union>(&type.node)) {
    std::vector<TypeId> parts;
    for (ast::TypeId alternative : either->alternatives)
      parts.push_back(resolve(module, alternative, variables));
    out = types.either(parts);
  }
  return type.optional ? types.either({out, types.scalar(TypeKind::none)}) : out;
}

TypeId Program::resolve_argument(ModuleId module, ast::TypeId type, TypeVariables* variables) {
  const TypeId inner = resolve(module, type, variables);
  const bool labelled =
      type.valid() && modules_[static_cast<size_t>(module)].tree[type].label != ast::Label::none;
  if (!labelled) return inner;
  return types.make({TypeKind::labelled, {inner}, static_cast<int32_t>(label(module, type))});
}

std::optional<TypeId> Program::declared_type(ModuleId module, const ast::Path& path) {
  std::optional<Symbol> symbol;
  if (path.size() == 1) {
    symbol = lookup(module, path[0].text);
    const bool is_type =
        symbol && (schema_by_symbol_.count(*symbol) > 0 || enum_by_symbol_.count(*symbol) > 0);
    if (!is_type) {
      auto at = standard_types_.find(path[0].text);
      symbol = at == standard_types_.end() ? std::nullopt : std::optional(at->second);
    }
  } else if (path.size() == 2) {
    auto alias = modules_[module].aliases.find(path[0].text);
    if (alias != modules_[module].aliases.end()) symbol = exported(alias->second, path[1].text);
  }
  if (!symbol) return std::nullopt;
  if (auto schema = schema_by_symbol_.find(*symbol); schema != schema_by_symbol_.end()) {
    return record(schema->second);
  }
  if (auto value = enum_by_symbol_.find(*symbol); value != enum_by_symbol_.end()) {
    return types.make({TypeKind::enum_, {}, value->second, decl(*symbol).name.text});
  }
  return std::nullopt;
}

TypeId Program::resolve_named(ModuleId module, const ast::Type& type, const ast::Type::Named& named,
                              TypeVariables* variables) {
  if (named.path.empty()) return TypeId{};
  const std::string& name = named.path[0].text;
  if (variables != nullptr && named.path.size() == 1) {
    auto at = std::find(variables->names.begin(), variables->names.end(), name);
    const bool fresh = at == variables->names.end();
    if (fresh && variables->grows && name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z')
      at = variables->names.insert(at, name);
    if (at != variables->names.end())
      return types.variable(static_cast<int32_t>(at - variables->names.begin()), name);
  }
  std::vector<TypeId> arguments;
  for (ast::TypeId argument : named.arguments)
    arguments.push_back(resolve_argument(module, argument, variables));
  if (named.path.size() == 1 && name == "History") {
    if (variables != nullptr && variables->open)
      add_variables(known(Known::Event), variables, &arguments);
    return types.list(known_type(Known::Event, std::move(arguments)));
  }
  if (std::optional<TypeId> declared = declared_type(module, named.path)) {
    if (types.kind(*declared) != TypeKind::record) return *declared;
    const int32_t schema = types[*declared].index;
    const size_t wanted = schemas_[static_cast<size_t>(schema)].schema.variables.size();
    if (variables != nullptr && variables->open) add_variables(schema, variables, &arguments);
    if (arguments.size() > wanted) {
      sink.add(Kind::wrong_type, type.span,
               "`" + name + "` has " + std::to_string(wanted) + " type arguments, found " +
                   std::to_string(arguments.size()));
      return TypeId{};
    }
    return record(schema, std::move(arguments));
  }
  if (named.path.size() == 1) {
    if (name == "none") return types.scalar(TypeKind::none);
    const TypeId built_in = types.built_in(name);
    if (!types.is_error(built_in)) return built_in;
  }
  if (!unknown_types_.emplace(type.span.file, type.span.begin).second) return TypeId{};
  std::vector<std::string> known = types.built_in_names();
  known.push_back("History");
  for (const auto& [word, symbol] : standard_types_) known.push_back(word);
  for (const auto& [symbol, id] : schema_by_symbol_) known.push_back(decl(symbol).name.text);
  auto& error = sink.add(Kind::unknown_name, type.span,
                         "unknown type `" + name + "`" + did_you_mean(name, known));
  if (diagnostics::nearest(name, known).empty())
    error.help = "a schema declares a type: `schema " + name + " { … }`";
  return TypeId{};
}

void Program::add_variables(int32_t schema, TypeVariables* variables,
                            std::vector<TypeId>* arguments) {
  const TypeId whole = record(schema, *arguments);
  const std::vector<TypeId> fallbacks = types[whole].arguments;
  for (size_t i = arguments->size(); i < fallbacks.size(); ++i) {
    const auto index = static_cast<int32_t>(variables->names.size());
    variables->names.push_back("#" + std::to_string(index));  // no name that a type could have
    arguments->push_back(
        types.make({TypeKind::variable, {fallbacks[i]}, index, types.name(fallbacks[i])}));
  }
}

TypeId Program::fallback(Symbol schema, const ast::SchemaDecl::Variable& variable) {
  if (!variable.fallback) return types.scalar(TypeKind::hole);
  if (!open_fallbacks_.insert(schema).second) {
    if (unknown_types_.emplace(variable.name.span.file, variable.name.span.begin).second)
      sink.add(Kind::definition_cycle, variable.name.span,
               "the default of type argument `" + variable.name.text + "` leads back to itself");
    return TypeId{};
  }
  const TypeId type = resolve(schema.module, *variable.fallback);
  open_fallbacks_.erase(schema);
  return type;
}

TypeId Program::record(int32_t schema, std::vector<TypeId> arguments) {
  if (schema < 0) return TypeId{};
  SchemaDraft& draft = schemas_[static_cast<size_t>(schema)];
  const auto& written = std::get<ast::SchemaDecl>(decl(draft.symbol).node);
  for (size_t i = arguments.size(); i < written.variables.size(); ++i)
    arguments.push_back(fallback(draft.symbol, written.variables[i]));
  return types.make({TypeKind::record, std::move(arguments), schema, draft.schema.name});
}

TypeId Program::substitute(TypeId type, const std::vector<TypeId>& arguments) {
  const TypeNode& node = types[type];
  if (node.kind == TypeKind::variable) {
    const auto at = static_cast<size_t>(node.index);
    return at < arguments.size() && arguments[at].index != 0 ? arguments[at] : type;
  }
  if (node.arguments.empty()) return type;
  TypeNode copy = node;
  for (TypeId& part : copy.arguments) part = substitute(part, arguments);
  if (copy.kind == TypeKind::union_) return types.either(copy.arguments);
  return types.make(std::move(copy));
}

TypeId Program::field_type(TypeId record, const Field& field) {
  return substitute(field.type, types[record].arguments);
}

TypeId Program::as_base(TypeId record, int32_t base) {
  while (types.kind(record) == TypeKind::record && types[record].index != base) {
    const Schema& schema = this->schema(types[record].index);
    if (schema.base < 0) return TypeId{};
    record = substitute(schema.base_type, types[record].arguments);
  }
  return record;
}

const Schema& Program::schema(int32_t id) {
  SchemaDraft& draft = schemas_[static_cast<size_t>(id)];
  if (draft.state == SchemaDraft::State::fresh) complete(draft);
  return draft.schema;
}

void Program::complete(SchemaDraft& draft) {
  draft.state = SchemaDraft::State::open;
  const ast::Decl& declaration = decl(draft.symbol);
  const auto& written = std::get<ast::SchemaDecl>(declaration.node);
  const ModuleId module = draft.symbol.module;
  TypeVariables variables{draft.schema.variables, false, false};
  for (const ast::SchemaDecl::Variable& v : written.variables)
    draft.schema.fallbacks.push_back(fallback(draft.symbol, v));
  if (written.base) {
    const TypeId base = resolve(module, *written.base, &variables);
    if (types.kind(base) == TypeKind::record) {
      draft.schema.base = types[base].index;
      if (schemas_[static_cast<size_t>(draft.schema.base)].state == SchemaDraft::State::open) {
        sink.add(Kind::definition_cycle, declaration.name.span,
                 "schema `" + declaration.name.text + "` extends itself");
        draft.schema.base = -1;
      } else {
        draft.schema.base_type = base;
        draft.schema.fields = schema(draft.schema.base).fields;
        for (Field& field : draft.schema.fields) field.type = field_type(base, field);
      }
    } else if (types.kind(base) != TypeKind::error) {
      sink.add(Kind::wrong_type, modules_[module].tree[*written.base].span,
               "`" + types.name(base) + "` is not a schema and cannot be extended");
    }
  }
  for (const ast::SchemaField& field : written.fields) {
    Field out;
    out.name = field.name.text;
    out.type = resolve(module, field.type, &variables);
    out.label = label(module, field.type);
    out.labelled = field.type.valid() &&
                   modules_[static_cast<size_t>(module)].tree[field.type].label != ast::Label::none;
    out.initial = field.initial;
    out.condition = field.condition;
    out.module = module;
    out.span = field.name.span;
    out.doc = field.doc;
    auto at = std::find_if(draft.schema.fields.begin(), draft.schema.fields.end(),
                           [&](const Field& other) { return other.name == out.name; });
    if (at == draft.schema.fields.end()) {
      draft.schema.fields.push_back(std::move(out));
    } else if (at->span.file == field.name.span.file && at->module == module &&
               at->span.begin >= declaration.span.begin) {
      sink.add(Kind::duplicate_name, field.name.span, "field `" + out.name + "` is declared twice");
    } else {
      // A schema may give a field of its base another default or a narrower type. It moves behind the schema's own fields, so
      // that its default may mention them.
      draft.schema.fields.erase(at);
      draft.schema.fields.push_back(std::move(out));
    }
  }
  draft.state = SchemaDraft::State::done;
}

std::optional<int32_t> Program::schema_of(Symbol symbol) const {
  auto at = schema_by_symbol_.find(symbol);
  return at == schema_by_symbol_.end() ? std::nullopt : std::optional(at->second);
}

std::optional<int32_t> Program::enum_of(Symbol symbol) const {
  auto at = enum_by_symbol_.find(symbol);
  return at == enum_by_symbol_.end() ? std::nullopt : std::optional(at->second);
}

bool Program::derives(int32_t schema_id, int32_t base) {
  while (schema_id >= 0) {
    if (schema_id == base) return true;
    schema_id = schema(schema_id).base;
  }
  return false;
}

TypeId Program::bound(TypeId type) const {
  const TypeNode& node = types[type];
  return node.kind == TypeKind::variable && !node.arguments.empty() ? node.arguments[0] : type;
}

bool Program::is(TypeId type, Known which) {
  type = bound(type);
  return types.kind(type) == TypeKind::record && known(which) >= 0 &&
         derives(types[type].index, known(which));
}

bool Program::is_open_item(TypeId type) {
  type = bound(type);
  if (is(type, Known::Event)) return is_open_item(types[type].arguments[0]);
  return types.kind(type) == TypeKind::record && types[type].index == known(Known::Item);
}

std::vector<const Field*> Program::fields_below(Known base, const std::string& name) {
  std::vector<const Field*> found;
  for (int32_t id = 0; id < schema_count(); ++id) {
    if (!derives(id, known(base))) continue;
    if (const Field* field = schema(id).find(name)) found.push_back(field);
  }
  return found;
}

// ---- members --------------------------------------------------------------------------------------------------------------

void Program::index_members(ModuleId id) {
  for (ast::DeclId decl_id : modules_[static_cast<size_t>(id)].tree.decls) {
    const ast::Decl& decl = modules_[static_cast<size_t>(id)].tree[decl_id];
    const auto* external = std::get_if<ast::ExternDecl>(&decl.node);
    if (external == nullptr || !external->receiver) continue;
    TypeVariables variables{{}, true, false};
    const TypeId receiver = resolve(id, *external->receiver, &variables);
    const TypeNode& node = types[receiver];
    const int32_t key = node.kind == TypeKind::list   ? kListMembers
                        : node.kind == TypeKind::text ? kTextMembers
                                                      : node.index;
    members_[key].try_emplace(decl.name.text, Symbol{id, decl_id});
  }
}

std::optional<Symbol> Program::member(TypeId receiver, const std::string& name) {
  receiver = bound(receiver);
  auto look = [&](int32_t key) -> std::optional<Symbol> {
    const auto table = members_.find(key);
    if (table == members_.end()) return std::nullopt;
    const auto at = table->second.find(name);
    return at == table->second.end() ? std::nullopt : std::optional(at->second);
  };
  const TypeNode& node = types[receiver];
  if (node.kind == TypeKind::list) return look(kListMembers);
  if (node.kind == TypeKind::text) return look(kTextMembers);
  if (node.kind != TypeKind::record) return std::nullopt;
  for (int32_t id = node.index; id >= 0; id = schema(id).base) {
    if (auto found = look(id)) return found;
  }
  return is(receiver, Known::Part) ? look(known(Known::Rows)) : std::nullopt;
}

std::vector<std::string> Program::member_names(TypeId receiver) {
  std::vector<std::string> names;
  auto collect = [&](int32_t key) {
    for (const auto& [name, symbol] : members_[key]) names.push_back(name);
  };
  const TypeNode& node = types[receiver];
  if (node.kind == TypeKind::list) collect(kListMembers);
  if (node.kind == TypeKind::text) collect(kTextMembers);
  if (node.kind != TypeKind::record) return names;
  for (int32_t id = node.index; id >= 0; id = schema(id).base) collect(id);
  if (is(receiver, Known::Part)) collect(known(Known::Rows));
  return names;
}

}  // namespace rexp::check
