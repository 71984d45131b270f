// Names: locals first, then values of the enum that is wanted, then declarations, imported modules, and the module that declares the
// wanted schema (`optimizer = adamw { … }`, `decode = greedy`).
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

std::optional<std::pair<TypeId, int32_t>> enum_value(Checker& c, const std::string& name,
                                                     TypeId hint) {
  for (TypeId part : c.types().alternatives(hint)) {
    if (c.types().kind(part) != TypeKind::enum_) continue;
    const std::vector<std::string>& values = c.program.enumeration(c.types()[part].index).values;
    const auto at = std::find(values.begin(), values.end(), name);
    if (at != values.end()) return std::make_pair(part, static_cast<int32_t>(at - values.begin()));
  }
  return std::nullopt;
}

bool may_mean(Checker& c, TypeId found, TypeId wanted) {
  auto open = [&](TypeId type) {
    return c.types().is_error(type) || c.types().contains(type, TypeKind::hole) ||
           c.types().contains(type, TypeKind::variable);
  };
  if (open(found) || open(wanted) || c.program.assignable(found, wanted)) return true;
  if (c.types().kind(found) == TypeKind::function)
    return may_mean(c, c.types()[found].arguments.back(), wanted);
  const std::vector<TypeId> parts = c.types().alternatives(wanted);
  return is_amount(c.types().kind(found)) &&  // the unit may be what is wrong as well
         std::any_of(parts.begin(), parts.end(),
                     [&](TypeId part) { return is_amount(c.types().kind(part)); });
}

namespace {

/// Modules that declare the record schemas of a type, lists looked through.
std::vector<ModuleId> homes(Checker& c, TypeId hint) {
  std::vector<ModuleId> out;
  for (TypeId part : c.types().alternatives(hint)) {
    while (c.types().kind(part) == TypeKind::list) part = c.types()[part].arguments[0];
    if (c.types().kind(part) == TypeKind::record)
      out.push_back(c.program.schema(c.types()[part].index).module);
  }
  return out;
}

std::string imported_from(Checker& c, const std::string& name) {
  for (ModuleId i = 0; i < c.program.module_count(); ++i) {
    const LoadedModule& module = c.program.module(i);
    if (module.standard && module.declared.count(name) > 0)
      return "`import " + module.name + " { " + name + " }` brings it here";
  }
  return "";
}

/// Names that could stand here: those whose type is known already and cannot be meant are left out.
std::vector<std::string> candidates(Checker& c, const Scope& scope, TypeId hint) {
  std::vector<std::string> known;
  for (const Names* at = scope.names.get(); at != nullptr; at = at->outer.get()) {
    if (!at->name.empty() && may_mean(c, at->type, hint)) known.push_back(at->name);
  }
  auto add = [&](const std::string& name, std::optional<Symbol> symbol) {
    const auto at = symbol ? c.typed.declarations.find(*symbol) : c.typed.declarations.end();
    if (at == c.typed.declarations.end() || may_mean(c, at->second.type, hint))
      known.push_back(name);
  };
  for (const std::string& name : c.program.names(scope.module))
    add(name, c.program.lookup(scope.module, name));
  for (ModuleId home : homes(c, hint)) {
    for (const std::string& name : c.program.names(home)) add(name, c.program.exported(home, name));
  }
  return known;
}

void unknown_name(Checker& c, const Scope& scope, const ast::Name& name, TypeId hint) {
  if (c.types().kind(hint) == TypeKind::enum_) {
    const std::vector<std::string>& values = c.program.enumeration(c.types()[hint].index).values;
    std::string all;
    for (const std::string& v : values) all += (all.empty() ? "" : ", ") + v;
    report(c, Kind::unknown_name, name.span,
           "`" + name.text + "` is not a `" + c.types().name(hint) + "`" +
               did_you_mean(name.text, values))
        .help = "one of: " + all;
    return;
  }
  report(c, Kind::unknown_name, name.span,
         "unknown name `" + name.text + "`" + did_you_mean(name.text, candidates(c, scope, hint)))
      .help = imported_from(c, name.text);
}

}  // namespace

void use_declaration(Checker& c, Symbol symbol, ExprInfo* out) {
  const DeclInfo& info = declaration(c, symbol);
  out->type = info.type;
  out->reads = info.reads;
  out->target = {Target::Kind::declaration, symbol, -1, false};
}

void check_name(Checker& c, const Scope& scope, const ast::NameRef& ref, Span span, TypeId hint,
                ExprInfo* out) {
  const std::string& name = ref.name.text;
  bool outside = false;
  if (const Names* local = find(scope.names, name, &outside)) {
    out->type = local->type;
    out->reads = local->reads;
    if (out->reads.peak > Label::static_) out->reads.origin = span;
    out->target.kind = Target::Kind::local;
    if (scope.frame != nullptr) scope.frame->named |= local->reads.parameters;
    if (outside)
      check_world(c, scope, local->reads, World::constant, "what a function of rows takes along",
                  span);
    return;
  }
  if (const auto value = enum_value(c, name, hint)) {
    out->type = value->first;
    out->target = {Target::Kind::enum_value, {}, value->second, false};
    return;
  }
  if (const auto symbol = c.program.lookup(scope.module, name))
    return use_declaration(c, *symbol, out);
  const auto& aliases = c.program.module(scope.module).aliases;
  if (const auto at = aliases.find(name); at != aliases.end()) {
    out->type = c.types().make({TypeKind::module, {}, at->second, "module " + name});
    out->target = {Target::Kind::module, {}, at->second, false};
    return;
  }
  for (ModuleId home : homes(c, hint)) {
    if (const auto symbol = c.program.exported(home, name)) return use_declaration(c, *symbol, out);
  }
  if (name == "site") {
    out->type = c.types().make({TypeKind::site, {}, -1, "site"});
    out->target.kind = Target::Kind::site;
    return;
  }
  unknown_name(c, scope, ref.name, hint);
}

}  // namespace rexp::check
