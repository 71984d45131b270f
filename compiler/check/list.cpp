// Lists, record literals and the index of a list.
#include "compiler/check/context.h"

namespace rexp::check {

namespace {

TypeId wanted_element(Checker& c, TypeId hint) {
  for (TypeId shape : c.types().alternatives(hint)) {
    if (c.types().kind(shape) == TypeKind::list) return c.types()[shape].arguments[0];
  }
  return {};
}

/// [hit@[1, 5], ndcg@10]: what `@` gives for several numbers stands for its elements.
TypeId element_of(Checker& c, const Scope& scope, ast::ExprId id, TypeId found, TypeId wanted) {
  const bool several = std::holds_alternative<ast::AtSize>(c.tree(scope.module)[id].node) &&
                       c.types().kind(found) == TypeKind::list &&
                       c.types().kind(wanted) != TypeKind::list;
  return several ? c.types()[found].arguments[0] : found;
}

}  // namespace

void check_list(Checker& c, const Scope& scope, const ast::ListLiteral& node, Span, TypeId hint,
                ExprInfo* out) {
  const TypeId wanted = wanted_element(c, hint);
  TypeId common = c.scalar(TypeKind::hole);
  bool broken = false;
  for (ast::ExprId id : node.elements) {
    ExprInfo& info = infer(c, scope, id, wanted);
    out->reads = join(out->reads, info.reads);
    if (c.types().is_error(info.type)) {
      broken = true;
      continue;
    }
    check_kept(c, scope, info, id);
    const TypeId found = element_of(c, scope, id, info.type, wanted);
    if (!c.types().is_error(wanted) && c.types().kind(wanted) != TypeKind::variable) {
      if (c.program.assignable(found, wanted)) {
        info.wanted = found == info.type ? wanted : c.types().list(wanted);
        continue;
      }
      wrong_type(c, info.type, wanted, "an element of the list", span_of(c, scope, id));
      broken = true;
      continue;
    }
    const auto both = c.program.common(common, found);
    if (!both) {
      report(c, Kind::wrong_type, span_of(c, scope, id),
             "the list holds `" + c.types().name(common) + "`, found " +
                 shown(c, found, span_of(c, scope, id)) + ", " + a_described(c, found));
      broken = true;
      continue;
    }
    common = *both;
  }
  if (broken) return;
  const bool known = !c.types().is_error(wanted) && c.types().kind(wanted) != TypeKind::variable &&
                     c.types().kind(wanted) != TypeKind::hole;
  const TypeId element = known ? wanted : common;
  for (ast::ExprId id : node.elements) {
    ExprInfo& info = c.typed.at(scope.module, id);
    if (!known && c.types().kind(element) != TypeKind::hole) info.wanted = element;
  }
  out->type = c.types().list(element);
}

bool check_row_list(Checker& c, const Scope& scope, ExprInfo* info, Span span) {
  if (c.types().kind(info->type) != TypeKind::list) return true;
  if (c.types().kind(c.types()[info->type].arguments[0]) != TypeKind::list) return true;
  if (info->reads.world != World::row)
    return check_world(c, scope, info->reads, World::constant, "a list of lists", span);
  report(c, Kind::not_in_row_function, span,
         "this is a list of lists, which does not exist per example")
      .help = "`flat_map` makes one list of all";
  info->type = TypeId{};
  return false;
}

void check_fields(Checker& c, const Scope& scope, const ast::RecordLiteral& record, TypeId,
                  ExprInfo* out) {
  TypeNode node{TypeKind::fields};
  std::set<std::string> seen;
  for (const ast::RecordField& field : record.fields) {
    const ExprInfo& info = infer(c, scope, field.value);
    out->reads = join(out->reads, info.reads);
    if (!seen.insert(field.name.text).second)
      report(c, Kind::duplicate_name, field.name.span, "`" + field.name.text + "` is set twice");
    node.arguments.push_back(info.type);
    node.name += (node.name.empty() ? "" : ",") + field.name.text;
    if (c.types().is_error(info.type)) return;
  }
  out->type = c.types().make(std::move(node));
}

void check_index(Checker& c, const Scope& scope, const ast::IndexRef& node, Span span,
                 ExprInfo* out) {
  const ExprInfo object = infer(c, scope, node.object);
  const ExprInfo index = expect(c, scope, node.index, c.scalar(TypeKind::integer), "the index");
  out->reads = join(object.reads, index.reads);
  if (c.types().is_error(object.type)) return;
  if (c.types().kind(object.type) != TypeKind::list) {
    report(c, Kind::wrong_type, span,
           "found " + a_described(c, object.type) + ", only a list has an index");
    return;
  }
  check_world(c, scope, index.reads, World::constant, "the index of a list",
              span_of(c, scope, node.index));
  check_world(c, scope, object.reads, World::constant, "a list with an index",
              span_of(c, scope, node.object));
  out->type = c.types()[object.type].arguments[0];
}

}  // namespace rexp::check
