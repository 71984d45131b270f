// What stands behind a dot: a name of a module, a field, a codebook's id of an item, a member that the library declares. A field of a
// list is read from each element; a list's own members come first.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

void use_label(ExprInfo* out, Label label) {
  out->reads.label = std::max(out->reads.label, label);
  out->reads.peak = std::max(out->reads.peak, label);
}

bool record_field(Checker& c, TypeId object, const ast::Name& name, ExprInfo* out) {
  const Schema& schema = c.program.schema(c.types()[object].index);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    if (schema.fields[i].name != name.text) continue;
    out->type = c.program.field_type(object, schema.fields[i]);
    out->target = {Target::Kind::field, {}, static_cast<int32_t>(i), false};
    use_label(out, schema.fields[i].label);
    return true;
  }
  return false;
}

/// Fields of every schema below `base`, for a bare `Item` or `History`; they have to agree about the type.
bool open_field(Checker& c, Known base, const ast::Name& name, ExprInfo* out) {
  const std::vector<const Field*> found = c.program.fields_below(base, name.text);
  if (found.empty()) return false;
  out->type = found[0]->type;
  for (const Field* field : found) {
    if (field->type != out->type) {
      report(c, Kind::wrong_type, name.span,
             "`" + name.text + "` is a `" + c.types().name(out->type) + "` in one schema and a `" +
                 c.types().name(field->type) + "` in another")
          .help = "name the schema where the parameter is declared";
      out->type = TypeId{};
      break;
    }
    use_label(out, field->label);
  }
  out->target.kind = Target::Kind::field;
  return true;
}

bool codebook_id(Checker& c, const ast::Name& name, ExprInfo* out) {
  const auto at = c.codebooks.find(name.text);
  if (at == c.codebooks.end()) return false;
  bool broken = true;
  for (Symbol symbol : at->second)
    broken = broken && c.types().is_error(declaration(c, symbol).type);
  out->type = broken ? TypeId{} : c.program.known_type(Known::Sid);
  const Symbol one = at->second.size() == 1 ? at->second[0] : Symbol{};
  out->target = {Target::Kind::codebook, one, -1, false};
  return true;
}

bool item_field(Checker& c, TypeId object, const ast::Name& name, ExprInfo* out) {
  TypeId item = object;
  if (c.program.is(object, Known::Event)) {
    const std::vector<TypeId> parts = c.types()[object].arguments;
    item = parts[0];
    if (record_field(c, parts[1], name, out)) return true;
    const bool open_event = c.types()[parts[1]].index == c.program.known(Known::Interaction) &&
                            c.program.is_open_item(item);
    if (record_field(c, item, name, out)) return true;
    if (open_event && open_field(c, Known::Interaction, name, out)) return true;
  } else if (record_field(c, item, name, out)) {
    return true;
  }
  if (c.program.is_open_item(item) && open_field(c, Known::Item, name, out)) return true;
  return codebook_id(c, name, out);
}

/// Whether a type has an argument that its schema does not take: `Window<Film>` in `Group<Window<Film>>`, which takes items.
bool beyond_bound(Checker& c, TypeId type) {
  const TypeNode node = c.types()[type];
  if (node.kind == TypeKind::record) {
    const std::vector<TypeId>& bounds = c.program.schema(node.index).fallbacks;
    for (size_t i = 0; i < bounds.size() && i < node.arguments.size(); ++i) {
      const TypeId argument = unlabelled(c, node.arguments[i]).first;
      const bool open = c.types().kind(bounds[i]) == TypeKind::hole ||
                        c.types().kind(argument) == TypeKind::variable;
      if (!open && !c.program.assignable(argument, bounds[i])) return true;
    }
  }
  return std::ranges::any_of(node.arguments, [&](TypeId part) { return beyond_bound(c, part); });
}

bool extern_member(Checker& c, TypeId object, const ast::Name& name, ExprInfo* out) {
  const auto symbol = c.program.member(object, name.text);
  if (!symbol) return false;
  const DeclInfo& info = declaration(c, *symbol);
  out->target = {Target::Kind::member, *symbol, -1, false};
  const auto& external = std::get<ast::ExternDecl>(c.program.decl(*symbol).node);
  std::vector<TypeId> bindings;
  unify(c, info.signature->receiver, object, &bindings);
  if (!c.program.assignable(object, c.program.substitute(info.signature->receiver, bindings)))
    return false;  // `ahead` of rows that are no windows
  if (external.property) {
    out->type = c.program.substitute(info.signature->result, bindings);
    use_label(out, info.signature->reads.label);
    out->reads.world = std::max(out->reads.world, info.signature->reads.world);
  } else {
    out->type = c.program.substitute(info.type, bindings);
  }
  return !beyond_bound(c, out->type);  // `group` of rows that are no items
}

bool joined_field(Checker& c, TypeId object, const ast::Name& name, ExprInfo* out) {
  for (TypeId side : c.types()[object].arguments) {
    if (find_member(c, unlabelled(c, side).first, name, out)) return true;
  }
  return false;
}

void known_fields(Checker& c, TypeId object, std::vector<std::string>* known) {
  if (c.types().kind(object) != TypeKind::record) return;
  for (const Field& field : c.program.schema(c.types()[object].index).fields)
    known->push_back(field.name);
  const bool event = c.program.is(object, Known::Event);
  if (event || c.types()[object].index == c.program.known(Known::Joined)) {
    for (TypeId part : c.types()[object].arguments)
      known_fields(c, unlabelled(c, part).first, known);
  }
  if (c.program.is_item(object)) {
    for (const auto& [name, symbols] : c.codebooks) known->push_back(name);
  }
}

/// `known`: all that is there; `meant`: what could be wanted.
void no_member(Checker& c, const ast::Name& name, const std::string& owner,
               const std::vector<std::string>& known, const std::vector<std::string>& meant) {
  report(c, Kind::unknown_field, name.span,
         owner + " has no `" + name.text + "`" + did_you_mean(name.text, meant))
      .help = it_has(name.text, meant, known);
}

void module_member(Checker& c, ModuleId module, const ast::Name& name, TypeId hint, ExprInfo* out) {
  if (const auto symbol = c.program.exported(module, name.text))
    return use_declaration(c, *symbol, out);
  const std::vector<std::string> known = c.program.names(module);
  std::vector<std::string> meant;
  for (const std::string& one : known) {
    const auto symbol = c.program.exported(module, one);
    const auto at = symbol ? c.typed.declarations.find(*symbol) : c.typed.declarations.end();
    if (at == c.typed.declarations.end() || may_mean(c, at->second.type, hint))
      meant.push_back(one);
  }
  no_member(c, name, "module `" + c.program.module(module).name + "`", known, meant);
}

/// site.data.films, site.models.qwen: names that site.toml gives things of this machine.
void site_member(Checker& c, TypeId object, const ast::Name& name, ExprInfo* out) {
  const std::string& section = c.types()[object].name;
  out->target.kind = Target::Kind::site;
  if (section == "site.data") {
    out->type = c.program.known_type(Known::Catalogued);
  } else if (section == "site.models") {
    out->type = c.program.known_type(Known::FolderModel);
  } else if (name.text == "data" || name.text == "models") {
    out->type = c.types().make({TypeKind::site, {}, -1, "site." + name.text});
  } else if (name.text == "judge" || name.text == "device") {
    not_yet(c, "site." + name.text, name.span,
            name.text == "judge" ? "measure with a protocol: `base |> learn |> evaluate(last_one)`"
                                 : "say it when running: `rexp run FILE --device cuda`");
  } else {
    no_member(c, name, "`site`", {"data", "models"}, {"data", "models"});
  }
}

void template_variant(Checker& c, const ExprInfo& object, const ast::Name& name, ExprInfo* out) {
  out->target = {Target::Kind::variant, object.target.symbol, -1, false};
  out->type = object.type;
  const std::vector<std::string> known = variants_of(c.program, object.target.symbol);
  if (std::find(known.begin(), known.end(), name.text) != known.end()) return;
  out->type = TypeId{};
  std::vector<std::string> behind = known;
  for (const std::string& member : c.program.member_names(object.type)) behind.push_back(member);
  no_member(c, name, "template `" + c.program.decl(object.target.symbol).name.text + "`", behind,
            behind);
}

}  // namespace

bool find_member(Checker& c, TypeId object, const ast::Name& name, ExprInfo* out) {
  object = c.program.bound(object);
  const TypeNode& node = c.types()[object];
  if (node.kind == TypeKind::fields) {
    std::string names = node.name + ",";
    size_t index = 0;
    for (size_t at = 0; at < names.size(); ++index) {
      const size_t end = names.find(',', at);
      if (names.substr(at, end - at) == name.text) {
        out->type = node.arguments[index];
        out->target = {Target::Kind::field, {}, static_cast<int32_t>(index), false};
        return true;
      }
      at = end + 1;
    }
    return false;
  }
  if (node.kind == TypeKind::enum_names) {
    const TypeId type = node.arguments[0];
    const auto value = enum_value(c, name.text, type);
    if (!value) return false;
    out->type = type;
    out->target = {Target::Kind::enum_value, {}, value->second, false};
    return true;
  }
  if (node.kind != TypeKind::record) return extern_member(c, object, name, out);
  if (c.program.is(object, Known::Event) || c.program.is_item(object))
    return item_field(c, object, name, out) || extern_member(c, object, name, out);
  if (node.index == c.program.known(Known::Joined)) return joined_field(c, object, name, out);
  if (record_field(c, object, name, out)) return true;
  return extern_member(c, object, name, out);
}

/// Of the names behind a dot those whose values could stand where `hint` is required.
std::vector<std::string> meant(Checker& c, TypeId object, const std::vector<std::string>& names,
                               TypeId hint) {
  const bool list = c.types().kind(object) == TypeKind::list;
  std::vector<std::string> out;
  for (const std::string& name : names) {
    ExprInfo info;
    const ast::Name one{name, {}};
    const bool own = find_member(c, object, one, &info);
    const bool lifted = !own && list && find_member(c, c.types()[object].arguments[0], one, &info);
    const bool method = c.types().kind(info.type) == TypeKind::function;
    const TypeId found = lifted && !method ? c.types().list(info.type) : info.type;
    if (may_mean(c, found, hint)) out.push_back(name);
  }
  return out;
}

void check_field(Checker& c, const Scope& scope, const ast::FieldRef& ref, Span span, TypeId hint,
                 ExprInfo* out) {
  const ExprInfo object = infer(c, scope, ref.object);
  const TypeKind kind = c.types().kind(object.type);
  if (kind == TypeKind::error) return;
  if (kind == TypeKind::module)
    return module_member(c, c.types()[object.type].index, ref.field, hint, out);
  if (kind == TypeKind::site) return site_member(c, object.type, ref.field, out);
  const bool own_template = object.target.kind == Target::Kind::declaration &&
                            c.program.is(object.type, Known::Template) &&
                            object.target.symbol.valid();
  if (own_template && !c.program.member(object.type, ref.field.text) &&
      std::holds_alternative<ast::TemplateDecl>(c.program.decl(object.target.symbol).node))
    return template_variant(c, object, ref.field, out);
  out->reads = object.reads;
  if (out->reads.peak > Label::static_ && out->reads.origin.file < 0)
    out->reads.origin = span_of(c, scope, ref.object);
  if (find_member(c, object.type, ref.field, out)) return;
  if (kind == TypeKind::list) {
    const TypeId element = c.types()[object.type].arguments[0];
    if (find_member(c, element, ref.field, out)) {
      out->target.lifted = true;
      const bool method = c.types().kind(out->type) == TypeKind::function;
      if (!method && !c.types().is_error(out->type)) out->type = c.types().list(out->type);
      if (!method) {
        check_row_list(c, scope, out, span);
        return;
      }
    }
  }
  *out = {};
  if (c.types().optional(object.type)) {
    report(c, Kind::wrong_type, ref.field.span,
           "`" + source_text(c, span_of(c, scope, ref.object)) + "` may be missing (`none`)")
        .help = "ask first: `if x != none then … else …`";
    return;
  }
  std::vector<std::string> known;
  known_fields(c, object.type, &known);
  if (kind == TypeKind::list) known_fields(c, c.types()[object.type].arguments[0], &known);
  const bool named = object.target.kind == Target::Kind::declaration;
  const std::string owner = named ? "`" + c.program.decl(object.target.symbol).name.text + "`"
                                  : "" + a_described(c, object.type);
  for (const std::string& member : c.program.member_names(object.type)) {
    ExprInfo fits;
    if (extern_member(c, object.type, {member, {}}, &fits)) known.push_back(member);
  }
  no_member(c, ref.field, owner, known, meant(c, object.type, known, hint));
}

}  // namespace rexp::check
