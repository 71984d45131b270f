#include "compiler/check/intrinsics.h"

namespace rexp::check {

namespace {

struct Entry {
  Intrinsic which;
  const char* module;
  const char* receiver;
  const char* name;
};

constexpr Entry kEntries[] = {
#define REXP_INTRINSIC(id, module, receiver, name) \
  {Intrinsic::id, "std." #module, #receiver, #name},
#define REXP_OPERATION(id, module, receiver, name) \
  {Intrinsic::id, "std." #module, #receiver, #name},
#include "compiler/check/intrinsics.def"
};

std::string receiver_name(const ast::Module& tree, const ast::ExternDecl& declared) {
  if (!declared.receiver) return "none";
  const auto* named = std::get_if<ast::Type::Named>(&tree[*declared.receiver].node);
  return named == nullptr ? "list" : named->path.empty() ? "" : named->path.back().text;
}

}  // namespace

Intrinsics::Intrinsics(const Program& program) {
  for (ModuleId m = 0; m < program.module_count(); ++m) {
    const LoadedModule& module = program.module(m);
    if (!module.standard) continue;
    for (ast::DeclId id : module.tree.decls) {
      const auto* declared = std::get_if<ast::ExternDecl>(&module.tree[id].node);
      if (declared == nullptr) continue;
      const std::string receiver = receiver_name(module.tree, *declared);
      for (const Entry& entry : kEntries) {
        if (module.tree[id].name.text != entry.name || module.name != entry.module ||
            receiver != entry.receiver)
          continue;
        symbols_[static_cast<size_t>(entry.which)] = {m, id};
        by_symbol_[{m, id}] = entry.which;
      }
    }
  }
}

Intrinsic Intrinsics::of(Symbol symbol) const {
  const auto at = by_symbol_.find(symbol);
  return at == by_symbol_.end() ? Intrinsic::none : at->second;
}

bool is_computed(Intrinsic which) {
  switch (which) {
#define REXP_INTRINSIC(id, module, receiver, name) case Intrinsic::id:
#define REXP_OPERATION(id, module, receiver, name)
#include "compiler/check/intrinsics.def"
    return true;
    default: return false;
  }
}

}  // namespace rexp::check
