// All modules of a program, loaded and indexed: what each name means, which schemas and enums exist, what a type says.
//
//   import std.train { adamw }     `adamw` is std.train's declaration of that name
//   import std.models              `models.qwen3_tiny`
//   schema Film extends Item { … } fields of Item first, then Film's own
//
//   extern fn Part<I>.windows(…)   a member, found by the type of what stands before the dot
//
// Names that begin with `_` stay inside their module. The types of the standard library (schemas and enums of std modules)
// are visible everywhere, and so are the kinds it introduces; its values have to be imported.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/check/label.h"
#include "compiler/check/types.h"
#include "compiler/diagnostics/diagnostics.h"

namespace rexp::check {

using ModuleId = int32_t;

/// A declaration at the top level of a module.
struct Symbol {
  ModuleId module = -1;
  ast::DeclId decl;
  bool valid() const { return module >= 0; }
  bool operator==(const Symbol&) const = default;
  bool operator<(const Symbol& other) const {
    return module != other.module ? module < other.module : decl.index < other.decl.index;
  }
};

struct LoadedModule {
  std::string name;  // "std.train", "movie.prompts", or the file's stem
  std::string path;
  ast::Module tree;
  std::map<std::string, Symbol> declared;
  std::map<std::string, Symbol> imported;
  std::map<std::string, ModuleId> aliases;
  bool standard = false;
};

/// The library declarations of known.def.
enum class Known : uint8_t {
#define REXP_KNOWN(name, module) name,
#include "compiler/check/known.def"
  count
};

/// Names of type variables while a type is read: those of a schema, or those an extern function has named so far.
struct TypeVariables {
  std::vector<std::string> names;
  bool grows = false;
  bool open = false;  // arguments that are left out become variables: `fn views(p: Part) -> …`
};

struct Field {
  std::string name;
  TypeId type;
  Label label = Label::static_;
  bool labelled = false;  // the label was written, so it is a bound for what is assigned
  std::optional<ast::ExprId> initial, condition;
  ModuleId module = -1;  // where `initial` and `condition` are written
  source::Span span;
  std::string doc;
};

struct Schema {
  std::string name;
  ModuleId module = -1;
  int32_t base = -1;
  TypeId base_type;           // in terms of its own variables
  std::vector<Field> fields;  // the base's first
  std::vector<std::string> variables;
  std::vector<TypeId> fallbacks;  // one per variable; a hole where there is none
  bool opaque = false;
  Symbol symbol;
  const Field* find(const std::string& field) const;
};

struct Enum {
  std::string name;
  std::vector<std::string> values;
};

class Program {
 public:
  Program(source::SourceMap& sources, diagnostics::Sink& sink, std::string stdlib_dir);

  /// Loads a file and everything it imports, the standard library's prelude first. False when the file cannot be read.
  bool load(const std::string& path);

  ModuleId main() const { return main_; }
  const LoadedModule& module(ModuleId id) const { return modules_[id]; }
  int module_count() const { return static_cast<int>(modules_.size()); }
  std::optional<ModuleId> find_module(const std::string& name) const;
  const ast::Decl& decl(Symbol symbol) const { return modules_[symbol.module].tree[symbol.decl]; }

  /// A value-level name in a module: declared or imported.
  std::optional<Symbol> lookup(ModuleId module, const std::string& name) const;
  /// A name of another module, seen from outside.
  std::optional<Symbol> exported(ModuleId module, const std::string& name) const;
  std::vector<std::string> names(ModuleId module) const;
  /// Declarations of all modules but the library's, in the order in which they were loaded.
  std::vector<Symbol> user_declarations() const;
  bool is_built_in_type(const std::string& name) const;
  bool is_enum_value(ModuleId module, const std::string& name) const;

  /// The type that `kind stage: Stage` gave the kind word.
  std::optional<TypeId> kind(const std::string& word);
  std::vector<std::string> kind_words() const;

  /// Resolves a written type; unknown names are reported once.
  TypeId resolve(ModuleId module, ast::TypeId type, TypeVariables* variables = nullptr);
  Label label(ModuleId module, ast::TypeId type) const;

  const Schema& schema(int32_t id);
  int32_t schema_count() const { return static_cast<int32_t>(schemas_.size()); }
  const Enum& enumeration(int32_t id) const { return enums_[static_cast<size_t>(id)]; }
  std::optional<int32_t> schema_of(Symbol symbol) const;
  std::optional<int32_t> enum_of(Symbol symbol) const;
  bool derives(int32_t schema, int32_t base);

  /// The schema of a known declaration; -1 when its module is not loaded.
  int32_t known(Known which) const { return known_[static_cast<size_t>(which)]; }
  /// Whether a type is that schema's or one of a schema that extends it.
  bool is(TypeId type, Known which);
  /// What a type variable is at least: `Item` for the item of a bare `Part`. Other types are themselves.
  TypeId bound(TypeId type) const;
  /// The record type of a schema; missing arguments are its fallbacks.
  TypeId record(int32_t schema, std::vector<TypeId> arguments = {});
  TypeId known_type(Known which, std::vector<TypeId> arguments = {}) {
    return record(known(which), std::move(arguments));
  }
  /// The record type seen as one of `base`, which it derives from: Ahead<Film> as Window<Film>.
  TypeId as_base(TypeId record, int32_t base);
  /// A type with the variables put in; unbound ones (invalid ids) stay.
  TypeId substitute(TypeId type, const std::vector<TypeId>& arguments);
  TypeId field_type(TypeId record, const Field& field);
  /// The extern member that the library declares for this type, lists and texts included.
  std::optional<Symbol> member(TypeId receiver, const std::string& name);
  std::vector<std::string> member_names(TypeId receiver);
  bool is_item(TypeId type) { return is(type, Known::Item); }
  /// A bare `Item`, or the events of one: its fields are looked up among all catalogues of the program.
  bool is_open_item(TypeId type);
  /// Fields of that name in the schemas that extend `base`.
  std::vector<const Field*> fields_below(Known base, const std::string& name);

  /// Whether a value of type `from` may stand where `to` is required; see assign.cpp for what is converted.
  bool assignable(TypeId from, TypeId to);
  /// The closest type both fit; nullopt when there is none.
  std::optional<TypeId> common(TypeId a, TypeId b);

  /// A module that holds one expression and sees the names of `context`: the right side of `--set`.
  ModuleId add_fragment(ast::Module tree, ModuleId context);

  /// Blocks of one kind in all modules of the program, in load order.
  std::vector<Symbol> blocks(const std::string& kind_word) const;

  TypeTable types;
  source::SourceMap& sources;
  diagnostics::Sink& sink;

 private:
  struct SchemaDraft {
    Symbol symbol;
    Schema schema;
    enum class State : uint8_t { fresh, open, done } state = State::fresh;
  };
  std::optional<ModuleId> load_module(const std::string& path, const std::string& name,
                                      bool standard);
  void load_imports(ModuleId id);
  void bind_names(ModuleId id, const ast::Import& import, ModuleId target);
  void index_declarations(ModuleId id);
  void index_known(Symbol symbol);
  void index_members(ModuleId id);
  std::optional<std::string> find_import(ModuleId from, const ast::Path& path) const;
  TypeId resolve_named(ModuleId module, const ast::Type& type, const ast::Type::Named& named,
                       TypeVariables* variables);
  TypeId fallback(Symbol schema, const ast::SchemaDecl::Variable& variable);
  void add_variables(int32_t schema, TypeVariables* variables, std::vector<TypeId>* arguments);
  TypeId resolve_argument(ModuleId module, ast::TypeId type, TypeVariables* variables);
  std::optional<TypeId> declared_type(ModuleId module, const ast::Path& path);
  void complete(SchemaDraft& draft);

  std::string stdlib_dir_;
  ModuleId main_ = -1;
  std::deque<LoadedModule> modules_;
  std::map<std::string, ModuleId> by_path_;
  std::vector<ModuleId> loading_;
  std::deque<SchemaDraft> schemas_;
  std::vector<Enum> enums_;
  std::map<Symbol, int32_t> schema_by_symbol_, enum_by_symbol_;
  std::map<std::string, Symbol> kinds_;
  std::map<std::string, Symbol> standard_types_;
  int32_t known_[static_cast<size_t>(Known::count)];
  /// By receiver: a schema's id, or one of the two below.
  static constexpr int32_t kListMembers = -2, kTextMembers = -3;
  std::map<int32_t, std::map<std::string, Symbol>> members_;
  std::set<Symbol> open_fallbacks_;
  std::set<std::pair<int32_t, uint32_t>> unknown_types_;  // places that were reported
};

/// "; did you mean `length`", or nothing.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);
/// "it has: a, b", where nothing that can be meant is near and the list is short; else "".
std::string it_has(const std::string& word, const std::vector<std::string>& meant,
                   const std::vector<std::string>& known);

}  // namespace rexp::check
