#include "compiler/contracts/components.h"

#include <algorithm>
#include <vector>

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

struct Line {
  const char* base;
  const char* name;
  int64_t version;
};

constexpr Line kLines[] = {
#define REXP_COMPONENT(base, name, version) {#base, #name, version},
#include "runtime/abi/components.def"
#undef REXP_COMPONENT
};

/// In the order in which they are asked for: a model is a recommender too.
constexpr std::pair<Known, const char*> kBases[] = {
    {Known::Source, "Source"},
    {Known::Learner, "Learner"},
    {Known::Vectors, "Vectors"},
    {Known::Model, "Model"},
    {Known::Recommender, "Recommender"},
    {Known::Optimizer, "Optimizer"},
    {Known::Network, "Network"},
    {Known::ItemLoss, "ItemLoss"},
    {Known::Loss, "Loss"},
    {Known::Decoder, "Decoder"},
    {Known::Rows, "RowsOp"},
};

std::optional<Component> line_of(const std::string& base, const std::string& name) {
  for (const Line& line : kLines) {
    if (base == line.base && name == line.name) return Component{base, name, line.version};
  }
  return std::nullopt;
}

bool of_library(const Program& program, check::Symbol symbol) {
  return symbol.valid() && program.module(symbol.module).standard;
}

std::string word_of(const std::string& base) {
  return base == "RowsOp" ? "operation on rows" : base;
}

/// The schema that a declaration's expression names or makes: `let greedy = Greedy`, `fn beam(…) = Beam { … }`.
std::optional<check::Symbol> named_schema(const Program& program, check::ModuleId module,
                                          ast::ExprId id) {
  const ast::Expr& expr = program.module(module).tree[id];
  if (const auto* made = std::get_if<ast::Construct>(&expr.node))
    return named_schema(program, module, made->callee);
  const auto* name = std::get_if<ast::NameRef>(&expr.node);
  return name == nullptr ? std::nullopt : program.lookup(module, name->name.text);
}

/// What a program writes for a schema of the library: `greedy`, `beam(…)`; the schema itself where no shorter name is loaded.
std::string spelling(const Program& program, const std::string& schema) {
  for (check::ModuleId m = 0; m < program.module_count(); ++m) {
    const check::LoadedModule& module = program.module(m);
    const auto symbol = module.standard ? program.lookup(m, schema) : std::nullopt;
    if (!symbol || symbol->module != m) continue;
    for (const ast::DeclId id : module.tree.decls) {
      const ast::Decl& decl = module.tree[id];
      const auto* let = std::get_if<ast::LetDecl>(&decl.node);
      const auto* fn = std::get_if<ast::FnDecl>(&decl.node);
      if (let != nullptr && named_schema(program, m, let->value) == symbol) return decl.name.text;
      if (fn != nullptr && named_schema(program, m, fn->body) == symbol)
        return decl.name.text + "(…)";
    }
  }
  return schema;
}

std::string name_of_value(Program& program, const Value& value) {
  if (const auto* made = value.shared<Made>()) return name_of(program, *made);
  return program.types[type_of(value)].name;
}

}  // namespace

diagnostics::Diagnostic& refuse(Program& program, const std::string& name, const std::string& base,
                                Span span) {
  const bool vowel = std::string("AEIOaeio").find(base[0]) != std::string::npos;
  return program.sink.add(
      Kind::not_available_yet, span,
      "`" + name + "` is " + (vowel ? "an " : "a ") + base + " that the runtime does not know");
}

std::string component_base(Program& program, TypeId type) {
  for (const auto& [known, base] : kBases) {
    if (program.is(type, known)) return base;
  }
  return {};
}

std::optional<Component> find_component(Program& program, const Value& value) {
  const std::string base = component_base(program, type_of(value));
  if (base.empty()) return std::nullopt;
  if (value.shared<Record>() != nullptr) {
    const check::Schema& schema = program.schema(program.types[type_of(value)].index);
    return of_library(program, schema.symbol) ? line_of(base, schema.name) : std::nullopt;
  }
  const auto* made = value.shared<Made>();
  if (made == nullptr || !of_library(program, made->operation)) return std::nullopt;
  if (is_made_of(program, *made, Known::Rows)) return line_of(base, "concat");
  return line_of(base, name_of(program, *made));
}

std::optional<Component> require_component(Program& program, const Value& value, Span span) {
  if (auto found = find_component(program, value)) return found;
  const std::string base = component_base(program, type_of(value));
  std::string known;
  for (const Line& line : kLines) {
    if (base == line.base)
      known += (known.empty() ? "`" : ", `") + spelling(program, line.name) + "`";
  }
  refuse(program, name_of_value(program, value), word_of(base), span).help =
      "the library has " + known;
  return std::nullopt;
}

int64_t component_version(const std::string& name) {
  for (const Line& line : kLines) {
    if (name == line.name) return line.version;
  }
  return 0;
}

}  // namespace rexp::contracts
