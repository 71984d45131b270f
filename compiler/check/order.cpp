// The order in which declarations are looked at: each after those it names, so that ten thousand of them in a row are no ten thousand
// calls deep. Circles are left for `declaration` to report.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

using Uses = std::map<Symbol, std::vector<Symbol>>;

struct Starts {  // where the top-level declarations of a module begin
  std::vector<std::pair<uint32_t, Symbol>> at;
  Symbol of(uint32_t byte) const {
    auto next = std::upper_bound(at.begin(), at.end(), byte,
                                 [](uint32_t b, const auto& entry) { return b < entry.first; });
    return next == at.begin() ? Symbol{} : std::prev(next)->second;
  }
};

Starts starts_of(const Program& program, ModuleId module) {
  Starts out;
  for (ast::DeclId id : program.module(module).tree.decls)
    out.at.emplace_back(program.module(module).tree[id].span.begin, Symbol{module, id});
  std::sort(out.at.begin(), out.at.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

std::optional<Symbol> named(const Program& program, ModuleId module, const ast::Expr& expr) {
  const ast::Module& tree = program.module(module).tree;
  if (const auto* ref = std::get_if<ast::NameRef>(&expr.node))
    return program.lookup(module, ref->name.text);
  const auto* field = std::get_if<ast::FieldRef>(&expr.node);
  const auto* object = field != nullptr && field->object.valid()
                           ? std::get_if<ast::NameRef>(&tree[field->object].node)
                           : nullptr;
  if (object == nullptr) return std::nullopt;
  const auto& aliases = program.module(module).aliases;
  const auto alias = aliases.find(object->name.text);
  if (alias == aliases.end()) return std::nullopt;
  return program.exported(alias->second, field->field.text);
}

Uses uses_of(const Program& program) {
  Uses uses;
  for (ModuleId m = 0; m < program.module_count(); ++m) {
    const Starts starts = starts_of(program, m);
    auto add = [&](Span span, const std::optional<Symbol>& symbol) {
      const Symbol user = starts.of(span.begin);
      if (symbol && user.valid() && !(*symbol == user)) uses[user].push_back(*symbol);
    };
    for (const ast::Expr& expr : program.module(m).tree.expr_nodes)
      add(expr.span, named(program, m, expr));
    for (const ast::Body& body : program.module(m).tree.body_nodes) {
      for (const ast::Item& item : body.items) {  // the tasks of a mixture
        if (!item.path.empty()) add(item.span, program.lookup(m, item.path[0].text));
      }
    }
  }
  return uses;
}

}  // namespace

std::vector<Symbol> dependency_order(const Program& program) {
  const Uses uses = uses_of(program);
  static const std::vector<Symbol> kNone;
  auto uses_by = [&](Symbol symbol) -> const std::vector<Symbol>& {
    const auto at = uses.find(symbol);
    return at == uses.end() ? kNone : at->second;
  };
  std::vector<Symbol> order;
  std::set<Symbol> met;
  std::vector<std::pair<Symbol, size_t>> open;
  for (ModuleId m = 0; m < program.module_count(); ++m) {
    for (ast::DeclId id : program.module(m).tree.decls) {
      if (met.insert({m, id}).second) open.emplace_back(Symbol{m, id}, 0);
      while (!open.empty()) {
        auto& [symbol, next] = open.back();
        const std::vector<Symbol>& below = uses_by(symbol);
        if (next == below.size()) {
          order.push_back(symbol);
          open.pop_back();
        } else if (const Symbol inner = below[next++]; met.insert(inner).second) {
          open.emplace_back(inner, 0);
        }
      }
    }
  }
  return order;
}

}  // namespace rexp::check
