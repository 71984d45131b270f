// Loading: from a file name to all modules of the program, imports bound and declarations indexed.
#include <algorithm>
#include <filesystem>

#include "compiler/check/program.h"
#include "compiler/parse/parse.h"

namespace rexp::check {
namespace fs = std::filesystem;
using diagnostics::Kind;

namespace {

constexpr const char* kPrelude[] = {"core", "data", "rec", "codebook", "train", "models", "eval"};
constexpr int kAncestors = 4;  // how far above a file its package root may be

std::string joined(const ast::Path& path, const char* separator) {
  std::string text;
  for (size_t i = 0; i < path.size(); ++i) text += (i > 0 ? separator : "") + path[i].text;
  return text;
}

}  // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = diagnostics::nearest(word, candidates);
  return near.empty() ? std::string() : "; did you mean `" + near + "`";
}

std::string it_has(const std::string& word, const std::vector<std::string>& meant,
                   const std::vector<std::string>& known) {
  constexpr size_t kMost = 16;
  if (known.empty() || known.size() > kMost || !diagnostics::nearest(word, meant).empty())
    return "";
  std::string all = "it has: ";
  for (size_t i = 0; i < known.size(); ++i) all += (i > 0 ? ", " : "") + known[i];
  return all;
}

Program::Program(source::SourceMap& source_map, diagnostics::Sink& diagnostics,
                 std::string stdlib_dir)
    : sources(source_map), sink(diagnostics), stdlib_dir_(std::move(stdlib_dir)) {
  std::fill(std::begin(known_), std::end(known_), -1);
}

bool Program::load(const std::string& path) {
  for (const char* name : kPrelude) {
    const std::string file = (fs::path(stdlib_dir_) / (std::string(name) + ".rexp")).string();
    if (fs::exists(file)) load_module(file, std::string("std.") + name, true);
  }
  auto id = load_module(path, fs::path(path).stem().string(), false);
  if (id) main_ = *id;
  for (ModuleId m = 0; m < module_count(); ++m) index_members(m);
  return id.has_value();
}

std::vector<Symbol> Program::user_declarations() const {
  std::vector<Symbol> out;
  for (ModuleId m = 0; m < module_count(); ++m) {
    if (modules_[m].standard) continue;
    for (const ast::DeclId id : modules_[m].tree.decls) out.push_back({m, id});
  }
  return out;
}

std::optional<ModuleId> Program::load_module(const std::string& path, const std::string& name,
                                             bool standard) {
  std::error_code ignored;
  const std::string canonical = fs::weakly_canonical(path, ignored).string();
  if (auto at = by_path_.find(canonical); at != by_path_.end()) return at->second;
  Result<source::FileId> file = sources.open(path);
  if (!file.ok()) {
    sink.add(Kind::unknown_module, {}, file.error().message).help = file.error().help;
    return std::nullopt;
  }
  const ModuleId id = static_cast<ModuleId>(modules_.size());
  by_path_[canonical] = id;
  modules_.push_back({name, path, parse::parse_module(sources, *file, sink), {}, {}, {}, standard});
  const ast::Module& tree = modules_[id].tree;
  if (tree.edition && *tree.edition != 2026) {
    sink.add(Kind::unknown_edition, tree.edition_span,
             "edition is unknown; this compiler knows 2026");
  }
  index_declarations(id);
  loading_.push_back(id);
  load_imports(id);
  loading_.pop_back();
  return id;
}

void Program::index_declarations(ModuleId id) {
  LoadedModule& module = modules_[id];
  for (ast::DeclId decl_id : module.tree.decls) {
    const ast::Decl& decl = module.tree[decl_id];
    if (decl.name.text.empty()) continue;
    const auto* external = std::get_if<ast::ExternDecl>(&decl.node);
    if (external != nullptr && external->receiver) continue;  // found by its receiver
    const Symbol symbol{id, decl_id};
    auto [at, fresh] = module.declared.try_emplace(decl.name.text, symbol);
    if (!fresh) {
      auto& error = sink.add(Kind::duplicate_name, decl.name.span,
                             "`" + decl.name.text + "` is declared twice");
      error.secondary.push_back({this->decl(at->second).name.span, "first declared here"});
      continue;
    }
    if (const auto* written = std::get_if<ast::SchemaDecl>(&decl.node)) {
      schema_by_symbol_[symbol] = static_cast<int32_t>(schemas_.size());
      SchemaDraft draft{symbol, {}, SchemaDraft::State::fresh};
      draft.schema.name = decl.name.text;
      draft.schema.module = id;
      draft.schema.symbol = symbol;
      draft.schema.opaque = written->opaque;
      for (const ast::SchemaDecl::Variable& v : written->variables)
        draft.schema.variables.push_back(v.name.text);
      schemas_.push_back(std::move(draft));
      if (module.standard) index_known(symbol);
    } else if (const auto* values = std::get_if<ast::EnumDecl>(&decl.node)) {
      enum_by_symbol_[symbol] = static_cast<int32_t>(enums_.size());
      Enum out{decl.name.text, {}};
      for (const ast::Name& value : values->values) out.values.push_back(value.text);
      enums_.push_back(std::move(out));
    } else if (std::holds_alternative<ast::KindDecl>(decl.node)) {
      kinds_.try_emplace(decl.name.text, symbol);
    }
    const bool is_type = schema_by_symbol_.count(symbol) > 0 || enum_by_symbol_.count(symbol) > 0;
    if (module.standard && is_type) standard_types_.try_emplace(decl.name.text, symbol);
  }
}

void Program::index_known(Symbol symbol) {
  struct Entry {
    const char *name, *module;
  };
  static constexpr Entry kKnown[] = {
#define REXP_KNOWN(name, module) {#name, "std." #module},
#include "compiler/check/known.def"
  };
  for (size_t i = 0; i < std::size(kKnown); ++i) {
    if (decl(symbol).name.text == kKnown[i].name && module(symbol.module).name == kKnown[i].module)
      known_[i] = schema_by_symbol_[symbol];
  }
  types.event_schema = known(Known::Event);
}

std::optional<std::string> Program::find_import(ModuleId from, const ast::Path& path) const {
  if (path[0].text == "std") {
    ast::Path rest(path.begin() + 1, path.end());
    const fs::path file = fs::path(stdlib_dir_) / (joined(rest, "/") + ".rexp");
    return fs::exists(file) ? std::optional(file.string()) : std::nullopt;
  }
  const std::string relative = joined(path, "/") + ".rexp";
  // Messages name files as the user did: relative to the current folder where they lie below it.
  auto shown = [](const fs::path& file) {
    const fs::path near = file.lexically_normal().lexically_relative(fs::current_path());
    return near.empty() || *near.begin() == ".." ? file.lexically_normal().string() : near.string();
  };
  fs::path folder = fs::absolute(modules_[from].path).parent_path();
  for (int level = 0; level < kAncestors && !folder.empty(); ++level) {
    if (fs::exists(folder / relative)) return shown(folder / relative);
    if (fs::exists(folder / "rexp.toml") || folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  return std::nullopt;
}

void Program::load_imports(ModuleId id) {
  const std::vector<ast::Import> imports = modules_[id].tree.imports;
  for (const ast::Import& import : imports) {
    if (import.path.empty()) continue;
    const std::string name = joined(import.path, ".");
    const std::optional<std::string> file = find_import(id, import.path);
    if (!file) {
      std::vector<std::string> known;
      std::error_code ignored;
      for (const auto& entry : fs::directory_iterator(stdlib_dir_, ignored)) {
        if (entry.path().extension() == ".rexp")
          known.push_back("std." + entry.path().stem().string());
      }
      auto& error = sink.add(Kind::unknown_module,
                             source::cover(import.path.front().span, import.path.back().span),
                             "no module `" + name + "` was found" + did_you_mean(name, known));
      if (import.path[0].text != "std")
        error.help =
            "a module is a file: `" + joined(import.path, "/") + ".rexp` beside or above this one";
      continue;
    }
    const std::optional<ModuleId> target = load_module(*file, name, import.path[0].text == "std");
    if (!target) continue;
    if (std::find(loading_.begin(), loading_.end(), *target) != loading_.end()) {
      sink.add(Kind::import_cycle, source::cover(import.path.front().span, import.path.back().span),
               "`" + name + "` imports this module in turn; imports may not form a circle");
      continue;
    }
    bind_names(id, import, *target);
  }
}

void Program::bind_names(ModuleId id, const ast::Import& import, ModuleId target) {
  LoadedModule& module = modules_[id];
  if (import.names.empty()) {
    module.aliases[import.alias ? import.alias->text : import.path.back().text] = target;
    return;
  }
  for (const ast::Name& name : import.names) {
    const std::optional<Symbol> symbol = exported(target, name.text);
    // Values of an enum are known wherever the enum is expected, built-in types everywhere.
    if (!symbol && (is_enum_value(target, name.text) || is_built_in_type(name.text))) continue;
    if (!symbol) {
      sink.add(Kind::unknown_name, name.span,
               "module `" + modules_[target].name + "` has no `" + name.text + "`" +
                   did_you_mean(name.text, names(target)));
    } else if (module.declared.count(name.text) > 0) {
      auto& error =
          sink.add(Kind::duplicate_name, name.span, "`" + name.text + "` is imported and declared");
      error.secondary.push_back({decl(module.declared[name.text]).name.span, "declared here"});
    } else {
      module.imported[name.text] = *symbol;
    }
  }
}

ModuleId Program::add_fragment(ast::Module tree, ModuleId context) {
  LoadedModule fragment = modules_[context];
  fragment.tree = std::move(tree);
  modules_.push_back(std::move(fragment));
  return static_cast<ModuleId>(modules_.size()) - 1;
}

std::optional<ModuleId> Program::find_module(const std::string& name) const {
  for (size_t i = 0; i < modules_.size(); ++i) {
    if (modules_[i].name == name) return static_cast<ModuleId>(i);
  }
  return std::nullopt;
}

std::optional<Symbol> Program::lookup(ModuleId module, const std::string& name) const {
  const LoadedModule& m = modules_[module];
  if (auto at = m.declared.find(name); at != m.declared.end()) return at->second;
  if (auto at = m.imported.find(name); at != m.imported.end()) return at->second;
  return std::nullopt;
}

bool Program::is_built_in_type(const std::string& name) const {
  return name == "History" || !types.is_error(types.built_in(name));
}

bool Program::is_enum_value(ModuleId module, const std::string& name) const {
  for (const auto& [symbol, id] : enum_by_symbol_) {
    const std::vector<std::string>& values = enums_[static_cast<size_t>(id)].values;
    if (symbol.module == module && std::find(values.begin(), values.end(), name) != values.end())
      return true;
  }
  return false;
}

std::optional<Symbol> Program::exported(ModuleId module, const std::string& name) const {
  if (!name.empty() && name[0] == '_') return std::nullopt;
  return lookup(module, name);
}

std::vector<std::string> Program::names(ModuleId module) const {
  std::vector<std::string> out;
  for (const auto& [name, symbol] : modules_[module].declared) out.push_back(name);
  for (const auto& [name, symbol] : modules_[module].imported) out.push_back(name);
  for (const auto& [name, target] : modules_[module].aliases) out.push_back(name);
  return out;
}

std::vector<Symbol> Program::blocks(const std::string& kind_word) const {
  std::vector<Symbol> out;
  for (size_t i = 0; i < modules_.size(); ++i) {
    for (ast::DeclId id : modules_[i].tree.decls) {
      const auto* block = std::get_if<ast::BlockDecl>(&modules_[i].tree[id].node);
      if (block != nullptr && block->kind.text == kind_word)
        out.push_back({static_cast<ModuleId>(i), id});
    }
  }
  return out;
}

}  // namespace rexp::check
