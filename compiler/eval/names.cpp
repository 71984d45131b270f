// What a name means: a local value, a declaration, a value of an enum, a module, the machine.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

Maybe enum_value(Evaluator& e, TypeId type, int32_t index) {
  for (TypeId part : e.program.types.alternatives(type)) {
    const check::TypeNode& node = e.program.types[part];
    if (node.kind == TypeKind::enum_ || node.kind == TypeKind::enum_names)
      return Value{EnumValue{node.index, index}};
  }
  return std::nullopt;
}

Maybe evaluate_name(Evaluator& e, const Scope& scope, const ast::NameRef& ref,
                    const check::ExprInfo& info) {
  using Target = check::Target::Kind;
  switch (info.target.kind) {
    case Target::declaration: return evaluate_declaration(e, info.target.symbol);
    case Target::enum_value: return enum_value(e, info.type, info.target.index);
    case Target::module: return Value{ModuleName{info.target.index}};
    case Target::site: return Value{Site{}};
    default: break;
  }
  if (const Environment* local = find(scope.names, ref.name.text)) return local->value;
  if (const auto symbol = e.program.lookup(scope.module, ref.name.text))
    return evaluate_declaration(e, *symbol);
  return fail(e, Kind::unknown_name, ref.name.span, "unknown name `" + ref.name.text + "`");
}

Maybe site_field(Evaluator& e, const Site& site, const ast::Name& name) {
  if (site.section.empty()) return Value{Site{name.text}};
  const bool data = site.section == "data";
  const int32_t schema = e.program.known(data ? Known::Catalogued : Known::FolderModel);
  if (schema < 0)
    return fail(e, Kind::unknown_name, name.span, "`site.models` needs `import std.models`");
  const std::string owner = "`site." + site.section + "." + name.text + "`";
  Record record;
  record.type = e.program.record(schema);
  record.span = name.span;
  record.fields.resize(e.program.schema(schema).fields.size());
  const Value entry{data ? "site.data." + name.text : name.text};
  const ast::Path path = {ast::Name{"name", name.span}};
  auto make = [&](RecordField& target) -> Maybe {
    target.origins.push_back({Origin::Kind::declaration, name.span});
    return entry;
  };
  if (!assign_field(e, record, path, 0, Origin::Kind::declaration, make, owner) ||
      !fill_defaults(e, record, owner, name.span))
    return std::nullopt;
  return shared_value(std::move(record));
}

}  // namespace rexp::eval
