// Bodies of records: `adamw { lr = 1e-3 }`, `stage learn { … }`, `a with { x = 1 }`. Types of a generic schema are found from the fields:
// a protocol's `rows` say what its `ask` is a function of.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

struct BodyCheck {
  Checker& c;
  TypeId record;
  const Schema& schema;
  const std::string& owner;
  std::vector<TypeId> variables;
  std::set<std::string> given;
  Reads reads;
};

std::vector<std::string> field_names(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields) names.push_back(field.name);
  return names;
}

/// A field that only schemas extending this one have: `optimizer.lr`, whatever optimizer it is.
TypeId field_below(Checker& c, int32_t schema, const std::string& name) {
  for (int32_t id = 0; id < c.program.schema_count(); ++id) {
    if (!c.program.derives(id, schema)) continue;
    if (const Field* field = c.program.schema(id).find(name)) return field->type;
  }
  return {};
}

/// `given`: the type of what stands behind the name, where it is known.
const Field* own_field(BodyCheck& b, const ast::Name& name, TypeId given = {}) {
  if (const Field* field = b.schema.find(name.text)) return field;
  std::vector<std::string> names, known;
  for (const Field& field : b.schema.fields) {
    known.push_back(field.name);
    if (may_mean(b.c, given, field.type)) names.push_back(field.name);
  }
  b.given.insert(diagnostics::nearest(name.text, names));  // not missing as well
  report(b.c, Kind::unknown_field, name.span,
         "unknown field `" + name.text + "` in " + b.owner + did_you_mean(name.text, names))
      .help = it_has(name.text, names, known);
  return nullptr;
}

void keep(BodyCheck& b, const Scope& scope, const ExprInfo& info, ast::ExprId id) {
  check_kept(b.c, scope, info, id);
  b.reads = join(b.reads, info.reads);
}

/// An argument that does not keep its bound is the bound, so that the field is wrong and not what follows from it.
void keep_bounds(BodyCheck& b) {
  for (size_t i = 0; i < b.variables.size(); ++i) {
    const TypeId bound = b.schema.fallbacks[i];
    if (b.c.types().kind(bound) != TypeKind::hole && !b.c.program.assignable(b.variables[i], bound))
      b.variables[i] = bound;
  }
}

/// Type arguments that no field has said are their bounds; without one they stay open while `fields` are still to come.
void close(BodyCheck& b, bool fields) {
  for (size_t i = 0; i < b.variables.size(); ++i) {
    const TypeId bound = b.schema.fallbacks[i];
    const bool stays = fields && b.c.types().kind(bound) == TypeKind::hole;
    if (b.c.types().is_error(b.variables[i]) && !stays) b.variables[i] = bound;
  }
}

void assign(BodyCheck& b, Scope scope, const ast::Item& item) {
  if (is_lambda(b.c, scope, item.value) && is_component(b.c.program, b.record))
    scope.names = inside_rows(scope.names);
  const Field* field = b.schema.find(item.path[0].text);
  if (field == nullptr) {
    const bool lambda = is_lambda(b.c, scope, item.value);
    const TypeId given = lambda ? TypeId{} : infer(b.c, scope, item.value).type;
    own_field(b, item.path[0], item.path.size() == 1 ? given : TypeId{});
    return;
  }
  TypeId wanted = b.c.program.substitute(field->type, b.variables);
  for (size_t i = 1; i < item.path.size(); ++i) {
    const auto inner = path_type(b.c, wanted, {item.path[i]}, 0, Kind::unknown_field);
    if (!inner) {
      infer(b.c, scope, item.value);
      return;
    }
    wanted = *inner;
  }
  const std::string what = "`" + item.path.back().text + "`";
  const bool open = b.c.types().contains(wanted, TypeKind::variable);
  ExprInfo& info =
      open ? infer(b.c, scope, item.value, wanted) : expect(b.c, scope, item.value, wanted, what);
  if (b.c.types().is_error(info.type)) return;
  if (open) {
    unify(b.c, field->type, info.type, &b.variables);
    keep_bounds(b);
    wanted = b.c.program.substitute(field->type, b.variables);
    fit(b.c, info, wanted, what, span_of(b.c, scope, item.value));
  }
  if (is_component(b.c.program, b.record))
    check_world(b.c, scope, info.reads, World::constant, what, span_of(b.c, scope, item.value));
  if (field->labelled && item.path.size() == 1)
    check_label(b.c, scope, info.reads, field->label, what, span_of(b.c, scope, item.value),
                field->span);
  keep(b, scope, info, item.value);
}

void assign_nested(BodyCheck& b, const Scope& scope, const ast::Item& item) {
  const Field* field = own_field(b, item.path[0]);
  if (field == nullptr) return;
  const TypeId wanted = b.c.types().without_none(b.c.program.substitute(field->type, b.variables));
  if (b.c.program.is(wanted, Known::Mixture) ||
      (b.c.types().kind(wanted) == TypeKind::union_ &&
       std::ranges::any_of(b.c.types().alternatives(wanted),
                           [&](TypeId part) { return b.c.program.is(part, Known::Mixture); })))
    return check_mixture(b.c, scope, item.body);
  if (b.c.types().kind(wanted) != TypeKind::record ||
      b.c.program.schema(b.c.types()[wanted].index).opaque) {
    report(b.c, Kind::not_a_record, item.path[0].span,
           "`" + item.path[0].text + "` has no fields that could be set");
    return;
  }
  check_body(b.c, scope, item.body, wanted, false, "`" + item.path[0].text + "`", item.span,
             &b.reads);
}

void note_twice(BodyCheck& b, const ast::Name& name) {
  if (!b.given.insert(name.text).second)
    report(b.c, Kind::duplicate_name, name.span, "`" + name.text + "` is set twice in " + b.owner);
}

/// Functions wait until the other fields have said what they are functions of.
void check_items(BodyCheck& b, Scope scope, const std::vector<ast::Item>& items) {
  std::vector<std::pair<Scope, const ast::Item*>> later;
  for (const ast::Item& item : items) {
    switch (item.kind) {
      case ast::Item::Kind::let: scope = check_let(b.c, scope, item.decl); break;
      case ast::Item::Kind::require:
        check_require(b.c, scope,
                      std::get<ast::RequireDecl>(b.c.tree(scope.module)[item.decl].node));
        break;
      case ast::Item::Kind::assign:
        if (item.path.size() == 1) note_twice(b, item.path[0]);
        if (is_lambda(b.c, scope, item.value))
          later.emplace_back(scope, &item);
        else
          assign(b, scope, item);
        break;
      case ast::Item::Kind::nested:
        note_twice(b, item.path[0]);
        assign_nested(b, scope, item);
        break;
      default:
        report(b.c, Kind::wrong_type, item.span,
               "axes (`in`, `~`) and declarations belong to a sweep or an experiment, not to " +
                   b.owner);
        if (item.value.valid() && !is_lambda(b.c, scope, item.value)) infer(b.c, scope, item.value);
    }
  }
  close(b, /*fields=*/true);
  for (const auto& [at, item] : later) assign(b, at, *item);
}

}  // namespace

void check_missing(Checker& c, int32_t schema_id, const std::set<std::string>& given,
                   const std::string& owner, Span span) {
  const Schema& schema = c.program.schema(schema_id);
  for (const Field& field : schema.fields) {
    if (field.initial || given.count(field.name) > 0) continue;
    report(c, Kind::missing_field, span,
           (owner.find('`') == std::string::npos ? "`" + owner + "`" : owner) + " needs `" +
               field.name + "`, " + with_article(c.types().name(field.type)))
        .help = field.doc;
  }
}

std::optional<TypeId> path_type(Checker& c, TypeId object, const std::vector<ast::Name>& path,
                                size_t from, Kind kind) {
  for (size_t i = from; i < path.size(); ++i) {
    object = c.types().without_none(object);
    if (c.types().is_error(object)) return std::nullopt;
    if (c.types().kind(object) == TypeKind::function) object = c.types()[object].arguments.back();
    if (c.program.is(object, Known::Mixture)) {
      object = c.types().either({c.scalar(TypeKind::copies), c.scalar(TypeKind::ratio)});
      continue;
    }
    if (c.types().kind(object) != TypeKind::record) {
      report(c, kind, path[i].span,
             "`" + path[i].text + "` cannot be set here, there is " + a_described(c, object) +
                 " without fields");
      return std::nullopt;
    }
    const int32_t id = c.types()[object].index;
    const Schema& schema = c.program.schema(id);
    const Field* field = schema.find(path[i].text);
    const TypeId found =
        field != nullptr ? c.program.field_type(object, *field) : field_below(c, id, path[i].text);
    if (c.types().is_error(found)) {
      report(c, kind, path[i].span,
             "`" + (i > 0 ? path[i - 1].text : schema.name) + "` has no field `" + path[i].text +
                 "`" + did_you_mean(path[i].text, field_names(schema)));
      return std::nullopt;
    }
    object = found;
  }
  return object;
}

TypeId open_record(Checker& c, int32_t schema) {
  const std::vector<TypeId> open(c.program.schema(schema).variables.size(),
                                 c.scalar(TypeKind::hole));
  return c.program.record(schema, open);
}

TypeId check_body(Checker& c, const Scope& scope, ast::BodyId body, TypeId record, bool complete,
                  const std::string& owner, Span span, Reads* reads) {
  const int32_t id = c.types()[record].index;
  const Schema& schema = c.program.schema(id);
  if (schema.opaque) {
    report(c, Kind::not_a_record, span,
           "a `" + schema.name + "` is made by the run, it has no fields to set");
    return {};
  }
  BodyCheck b{c, record, schema, owner, c.types()[record].arguments, {}, {}};
  for (TypeId& argument : b.variables) {
    if (complete && c.types().kind(argument) == TypeKind::hole) argument = {};
  }
  check_items(b, scope, c.tree(scope.module)[body].items);
  if (complete) check_missing(c, id, b.given, owner, span);
  *reads = join(*reads, b.reads);
  close(b, /*fields=*/false);
  return c.program.record(id, b.variables);
}

void check_construct(Checker& c, const Scope& scope, const ast::Construct& node, Span span,
                     TypeId hint, ExprInfo* out) {
  const ExprInfo callee = infer(c, scope, node.callee, hint);
  const TypeKind kind = c.types().kind(callee.type);
  if (kind == TypeKind::error) return;
  if (kind == TypeKind::schema_value) {
    const int32_t schema = c.types()[callee.type].index;
    out->type = check_body(c, scope, node.body, open_record(c, schema), true,
                           "`" + c.program.schema(schema).name + "`", span, &out->reads);
    return;
  }
  if (kind == TypeKind::record) {
    out->reads = callee.reads;
    out->type = callee.type;
    if (c.program.is(callee.type, Known::Mixture)) return check_mixture(c, scope, node.body);
    check_body(c, scope, node.body, callee.type, false,
               "`" + source_text(c, span_of(c, scope, node.callee)) + "`", span, &out->reads);
    return;
  }
  report(c, Kind::not_a_record, span_of(c, scope, node.callee),
         "found " + a_described(c, callee.type) +
             " before `{`, only a schema or a record can stand here");
}

void check_with(Checker& c, const Scope& scope, const ast::WithBody& node, Span span, TypeId hint,
                ExprInfo* out) {
  const ExprInfo object = infer(c, scope, node.object, hint);
  if (c.types().is_error(object.type)) return;
  if (c.types().kind(object.type) == TypeKind::schema_value) {
    const ast::Construct made{node.object, node.body};
    return check_construct(c, scope, made, span, hint, out);
  }
  if (c.types().kind(object.type) != TypeKind::record) {
    report(c, Kind::not_a_record, span,
           "`with` changes fields of a record, found " + a_described(c, object.type));
    return;
  }
  out->type = object.type;
  out->reads = object.reads;
  if (c.program.is(object.type, Known::Mixture)) return check_mixture(c, scope, node.body);
  const std::string name = source_text(c, span_of(c, scope, node.object));
  check_body(c, scope, node.body, object.type, false,
             "`" + (name.size() <= 40 ? name : c.types().name(object.type)) + "`", span,
             &out->reads);
}

}  // namespace rexp::check
