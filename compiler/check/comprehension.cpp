// [next_film(w.history, w.next) for w in views where w.history.length > 2]
// Over a list it makes a list, over rows a task: then the element has to be an example.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

/// What one element is and reads; an error type when the source has no elements.
ExprInfo element_of(Checker& c, const ExprInfo& source, bool* rows) {
  ExprInfo out;
  const TypeNode node = c.types()[source.type];
  out.reads = source.reads;
  if (node.kind == TypeKind::list || node.kind == TypeKind::range) {
    out.type = node.arguments[0];
    return out;
  }
  if (node.kind != TypeKind::record) return out;
  TypeId element{};
  if (c.program.is(source.type, Known::Part)) {
    element = c.program.known_type(Known::Window, node.arguments);
  } else if (node.index == c.program.known(Known::Rows)) {
    element = node.arguments[0];
  }
  if (c.types().is_error(element)) return out;
  *rows = true;
  const auto [type, label] = unlabelled(c, element);
  out.type = type;
  out.reads = {};
  out.reads.world = World::row;
  out.reads.label = out.reads.peak = label;
  return out;
}

bool bind_pattern(Checker& c, const ast::Comprehension& node, const ExprInfo& element,
                  Scope* inner) {
  if (node.pattern.size() == 1) {
    inner->names = bind_name(inner->names, node.pattern[0].text, element.type, element.reads);
    return true;
  }
  const Span span = source::cover(node.pattern.front().span, node.pattern.back().span);
  const Schema* schema = c.types().kind(element.type) == TypeKind::record
                             ? &c.program.schema(c.types()[element.type].index)
                             : nullptr;
  if (schema == nullptr || schema->fields.size() != node.pattern.size()) {
    report(c, Kind::wrong_type, span,
           std::to_string(node.pattern.size()) + " names are given for " +
               a_described(c, element.type));
    return false;
  }
  for (size_t i = 0; i < node.pattern.size(); ++i) {
    Reads reads = element.reads;
    reads.label = std::max(reads.label, schema->fields[i].label);
    reads.peak = std::max(reads.peak, schema->fields[i].label);
    inner->names = bind_name(inner->names, node.pattern[i].text,
                             c.program.field_type(element.type, schema->fields[i]), reads);
  }
  return true;
}

bool trains(const ast::Module& tree, const std::vector<ast::TurnId>& turns) {
  return std::any_of(turns.begin(), turns.end(), [&](ast::TurnId id) {
    const auto& node = tree[id].node;
    if (const auto* said = std::get_if<ast::Turn::Said>(&node))
      return !said->masked &&
             (said->role == ast::Role::assistant || said->role == ast::Role::document);
    if (const auto* loop = std::get_if<ast::Turn::ForEach>(&node)) return trains(tree, loop->body);
    const auto* test = std::get_if<ast::Turn::If>(&node);
    return test != nullptr && (trains(tree, test->then) || trains(tree, test->otherwise));
  });
}

/// A task whose template has nothing to train is a mistake wherever the task is used.
void check_trains(Checker& c, const Scope& scope, ast::ExprId element) {
  const auto* call = std::get_if<ast::Call>(&c.tree(scope.module)[element].node);
  const SignaturePtr signature =
      call != nullptr ? signature_of(c, scope, call->callee) : SignaturePtr();
  if (signature == nullptr || !signature->is_template) return;
  const Symbol symbol = c.typed.at(scope.module, call->callee).target.symbol;
  const ast::Decl& decl = c.program.decl(symbol);
  if (trains(c.tree(symbol.module), std::get<ast::TemplateDecl>(decl.node).turns)) return;
  auto& error = report(c, Kind::trains_nothing, decl.name.span, "template trains nothing");
  error.primary.text = "has no trained `assistant` or `document` turn";
  error.secondary.push_back({span_of(c, scope, element), "a task trains on it"});
}

}  // namespace

void check_comprehension(Checker& c, const Scope& scope, const ast::Comprehension& node, Span span,
                         ExprInfo* out) {
  const ExprInfo source = infer(c, scope, node.source);
  const Span source_span = span_of(c, scope, node.source);
  if (c.types().is_error(source.type)) return;
  bool rows = false;
  const ExprInfo element = element_of(c, source, &rows);
  if (c.types().is_error(element.type)) {
    report(c, Kind::wrong_type, source_span,
           "a list is required here, found " + a_described(c, source.type));
    return;
  }
  Scope inner = scope;
  inner.row = scope.row || rows;
  if (rows) inner.names = inside_rows(inner.names);
  if (!bind_pattern(c, node, element, &inner)) return;
  if (node.where) {
    const ExprInfo& kept =
        expect(c, inner, *node.where, c.scalar(TypeKind::boolean), "the condition");
    if (!c.types().is_error(kept.type)) {
      const Span at = span_of(c, inner, *node.where);
      check_label(c, scope, kept.reads, Label::target, "the condition", at, {});
      check_known(c, scope, kept.reads, "a condition", at);
    }
    if (!rows) out->reads = join(out->reads, kept.reads);
  }
  const ExprInfo& made = infer(c, inner, node.element);
  if (c.types().is_error(made.type)) return;
  if (!rows) {
    check_kept(c, inner, made, node.element);
    out->reads = join(out->reads, join(source.reads, made.reads));
    out->type = c.types().list(made.type);
    check_row_list(c, scope, out, span);
    return;
  }
  if (!c.program.is(made.type, Known::Example)) {
    report(c, Kind::wrong_type, span_of(c, inner, node.element),
           "a task is a template applied to each row, found " + a_described(c, made.type))
        .help = "write `[my_template(…) for " + node.pattern[0].text + " in …]`";
    return;
  }
  check_trains(c, inner, node.element);
  out->type = c.program.known_type(Known::Task);
}

}  // namespace rexp::check
