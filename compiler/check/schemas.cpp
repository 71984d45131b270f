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

TypeId Program::resolve(ModuleId module, ast::TypeId type_id) {
  if (!type_id.valid()) return types.scalar(TypeKind::any);
  const ast::Type& type = modules_[module].tree[type_id];
  TypeId out = types.scalar(TypeKind::error);
  if (const auto* named = std::get_if<ast::Type::Named>(&type.node)) {
    out = resolve_named(module, type, *named);
  } else if (const auto* list = std::get_if<ast::Type::List>(&type.node)) {
    out = types.list(resolve(module, list->element));
  } else if (const auto* function = std::get_if<ast::Type::Function>(&type.node)) {
    std::vector<TypeId> parts;
    for (ast::TypeId parameter : function->parameters) parts.push_back(resolve(module, parameter));
    parts.push_back(resolve(module, function->result));
    out = types.make({TypeKind::function, parts, -1, {}});
  } else if (const auto* either = std::get_if<ast::Type::Union>(&type.node)) {
    std::vector<TypeId> parts;
    for (ast::TypeId alternative : either->alternatives)
      parts.push_back(resolve(module, alternative));
    out = types.either(parts);
  }
  return type.optional ? types.either({out, types.scalar(TypeKind::none)}) : out;
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
    return types.record(schema->second, decl(*symbol).name.text);
  }
  if (auto value = enum_by_symbol_.find(*symbol); value != enum_by_symbol_.end()) {
    return types.make({TypeKind::enum_, {}, value->second, decl(*symbol).name.text});
  }
  return std::nullopt;
}

TypeId Program::resolve_generic(ModuleId module, const ast::Type::Named& named,
                                const std::string& name) {
  const TypeId argument =
      named.arguments.empty() ? types.scalar(TypeKind::any) : resolve(module, named.arguments[0]);
  const bool bare = named.arguments.empty();
  const TypeId item = bare ? types.record(item_schema_, "Item") : argument;
  if (name == "Rows") return types.rows(argument);
  if (name == "Event") return types.event(item);
  if (name == "Window") return types.window(item);
  if (name == "History") return types.list(types.event(item));
  return TypeId{};
}

TypeId Program::resolve_named(ModuleId module, const ast::Type& type,
                              const ast::Type::Named& named) {
  if (named.path.empty()) return TypeId{};
  if (std::optional<TypeId> declared = declared_type(module, named.path)) {
    if (named.arguments.empty()) return *declared;
    TypeNode node = types[*declared];  // Interactions<Film>: the schema with its item type
    for (ast::TypeId argument : named.arguments)
      node.arguments.push_back(resolve(module, argument));
    return types.make(node);
  }
  const std::string& name = named.path[0].text;
  if (named.path.size() == 1) {
    if (name == "none") return types.scalar(TypeKind::none);
    const TypeId generic = resolve_generic(module, named, name);
    if (types.kind(generic) != TypeKind::error) return generic;
    const TypeId built_in = types.built_in(name);
    if (types.kind(built_in) != TypeKind::error) return built_in;
  }
  if (!unknown_types_.emplace(type.span.file, type.span.begin).second) return TypeId{};
  std::vector<std::string> known = types.built_in_names();
  for (const char* generic : {"Rows", "Event", "Window", "History"}) known.push_back(generic);
  for (const auto& [word, symbol] : standard_types_) known.push_back(word);
  for (const auto& [symbol, id] : schema_by_symbol_) known.push_back(decl(symbol).name.text);
  sink.add(Kind::unknown_name, type.span,
           "unknown type `" + name + "`" + did_you_mean(name, known));
  return TypeId{};
}

const Schema& Program::schema(int32_t id) {
  SchemaDraft& draft = schemas_[id];
  if (draft.state == SchemaDraft::State::fresh) complete(draft);
  return draft.schema;
}

void Program::complete(SchemaDraft& draft) {
  draft.state = SchemaDraft::State::open;
  const ast::Decl& declaration = decl(draft.symbol);
  const auto& written = std::get<ast::SchemaDecl>(declaration.node);
  const ModuleId module = draft.symbol.module;
  if (written.base) {
    const TypeId base = resolve(module, *written.base);
    if (types.kind(base) == TypeKind::record) {
      draft.schema.base = types[base].index;
      if (schemas_[draft.schema.base].state == SchemaDraft::State::open) {
        sink.add(Kind::definition_cycle, declaration.name.span,
                 "schema `" + declaration.name.text + "` extends itself");
        draft.schema.base = -1;
      } else {
        draft.schema.fields = schema(draft.schema.base).fields;
      }
    } else if (types.kind(base) != TypeKind::error) {
      sink.add(Kind::wrong_type, modules_[module].tree[*written.base].span,
               "`" + types.name(base) + "` is not a schema and cannot be extended");
    }
  }
  for (const ast::SchemaField& field : written.fields) {
    Field out{field.name.text,           resolve(module, field.type),
              label(module, field.type), field.initial,
              field.condition,           module,
              field.name.span,           field.doc};
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

std::optional<int32_t> Program::standard_schema(const std::string& name) const {
  auto at = standard_types_.find(name);
  return at == standard_types_.end() ? std::nullopt : schema_of(at->second);
}

bool Program::derives(int32_t schema_id, int32_t base) {
  while (schema_id >= 0) {
    if (schema_id == base) return true;
    schema_id = schema(schema_id).base;
  }
  return false;
}

bool Program::is_item(TypeId type) {
  return item_schema_ >= 0 && types.kind(type) == TypeKind::record &&
         derives(types[type].index, item_schema_);
}

const Field* Program::any_item_field(const std::string& name) {
  for (size_t i = 0; i < schemas_.size(); ++i) {
    const int32_t id = static_cast<int32_t>(i);
    if (!derives(id, item_schema_)) continue;
    if (const Field* field = schema(id).find(name)) return field;
  }
  return nullptr;
}

bool Program::assignable(TypeId from, TypeId to) {
  if (from == to) return true;
  const TypeNode& a = types[from];
  const TypeNode& b = types[to];
  auto open = [](TypeKind kind) { return kind == TypeKind::error || kind == TypeKind::any; };
  if (open(a.kind) || open(b.kind)) return true;
  if (a.kind == TypeKind::union_) {
    return std::all_of(a.arguments.begin(), a.arguments.end(),
                       [&](TypeId part) { return assignable(part, to); });
  }
  if (b.kind == TypeKind::union_) {
    return std::any_of(b.arguments.begin(), b.arguments.end(),
                       [&](TypeId part) { return assignable(from, part); });
  }
  if (a.kind == TypeKind::integer && (b.kind == TypeKind::real || b.kind == TypeKind::seed))
    return true;
  if (a.kind == TypeKind::event && b.kind == TypeKind::record)
    return assignable(a.arguments[0], to);
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case TypeKind::list:
    case TypeKind::rows:
    case TypeKind::event:
    case TypeKind::window: return assignable(a.arguments[0], b.arguments[0]);
    case TypeKind::record: return derives(a.index, b.index);
    case TypeKind::function: return a.arguments.size() == b.arguments.size();
    default: return false;
  }
}

TypeId Program::common(TypeId a, TypeId b) {
  if (assignable(a, b)) return b;
  if (assignable(b, a)) return a;
  if (types.kind(a) == TypeKind::record && types.kind(b) == TypeKind::record) {
    for (int32_t base = schema(types[a].index).base; base >= 0; base = schema(base).base) {
      if (derives(types[b].index, base)) return types.record(base, schema(base).name);
    }
  }
  return types.scalar(TypeKind::any);
}

}  // namespace rexp::check
