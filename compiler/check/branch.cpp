// `if` and `match`. Both branches are looked at, whichever will be taken; a comparison with `none` makes a value present.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

bool same_path(const Checker& c, const Scope& scope, ast::ExprId a, ast::ExprId b) {
  const auto& left = c.tree(scope.module)[a].node;
  const auto& right = c.tree(scope.module)[b].node;
  const auto *x = std::get_if<ast::NameRef>(&left), *y = std::get_if<ast::NameRef>(&right);
  if (x != nullptr && y != nullptr) return x->name.text == y->name.text;
  const auto *f = std::get_if<ast::FieldRef>(&left), *g = std::get_if<ast::FieldRef>(&right);
  if (f != nullptr && g != nullptr)
    return f->field.text == g->field.text && same_path(c, scope, f->object, g->object);
  const auto *m = std::get_if<ast::Call>(&left), *n = std::get_if<ast::Call>(&right);
  return m != nullptr && n != nullptr && same_path(c, scope, m->callee, n->callee) &&
         std::ranges::equal(m->arguments, n->arguments, [&](const auto& x, const auto& y) {
           return !x.name && !y.name && same_path(c, scope, x.value, y.value);
         });
}

namespace {

bool is_none(const Checker& c, const Scope& scope, ast::ExprId id) {
  return std::holds_alternative<ast::None>(c.tree(scope.module)[id].node);
}

NamesPtr present(const NamesPtr& names, ast::ExprId what) {
  Names entry;
  entry.narrowed = what;
  return bind_name(names, std::move(entry));
}

}  // namespace

NamesPtr narrow(Checker& c, const Scope& scope, ast::ExprId condition, bool holds) {
  const auto& node = c.tree(scope.module)[condition].node;
  if (const auto* unary = std::get_if<ast::Unary>(&node);
      unary != nullptr && unary->op == ast::UnaryOp::not_)
    return narrow(c, scope, unary->operand, !holds);
  const auto* binary = std::get_if<ast::Binary>(&node);
  if (binary == nullptr) return scope.names;
  using ast::BinaryOp;
  if ((binary->op == BinaryOp::and_ && holds) || (binary->op == BinaryOp::or_ && !holds)) {
    Scope inner = scope;
    inner.names = narrow(c, scope, binary->left, holds);
    return narrow(c, inner, binary->right, holds);
  }
  const bool equal = binary->op == BinaryOp::eq || binary->op == BinaryOp::is;
  if (!equal && binary->op != BinaryOp::ne) return scope.names;
  if (equal == holds) return scope.names;
  if (is_none(c, scope, binary->right)) return present(scope.names, binary->left);
  if (is_none(c, scope, binary->left)) return present(scope.names, binary->right);
  return scope.names;
}

bool prompts(Checker& c, const Scope& scope, ast::ExprId id) {
  const auto& node = c.tree(scope.module)[id].node;
  if (const auto* branch = std::get_if<ast::If>(&node))
    return prompts(c, scope, branch->then) || prompts(c, scope, branch->otherwise);
  if (const auto* match = std::get_if<ast::Match>(&node))
    return std::ranges::any_of(match->arms,
                               [&](const ast::Arm& arm) { return prompts(c, scope, arm.value); });
  const auto* call = std::get_if<ast::Call>(&node);
  const SignaturePtr callee = call == nullptr ? nullptr : signature_of(c, scope, call->callee);
  return callee == nullptr || callee->prompts;
}

namespace {

/// The type of several branches; a message where they have none in common.
void merge(Checker& c, const Scope& scope, const std::vector<ast::ExprId>& values, TypeId hint,
           ExprInfo* out) {
  const bool known_hint = !c.types().is_error(hint) && c.types().kind(hint) != TypeKind::hole &&
                          !c.types().contains(hint, TypeKind::variable);
  bool all_fit = known_hint;
  for (ast::ExprId id : values) {
    const ExprInfo& info = c.typed.at(scope.module, id);
    if (c.types().is_error(info.type)) return;
    all_fit = all_fit && c.program.assignable(info.type, hint);
  }
  TypeId common = all_fit ? hint : c.scalar(TypeKind::hole);
  for (ast::ExprId id : values) {
    if (all_fit) break;
    const ExprInfo& info = c.typed.at(scope.module, id);
    const auto both = c.program.common(common, info.type);
    if (!both) {
      report(c, Kind::wrong_type, span_of(c, scope, id),
             "the branches are " + a_described(c, common) + " and " + a_described(c, info.type) +
                 ", which have no type in common");
      return;
    }
    common = *both;
  }
  for (ast::ExprId id : values) {
    ExprInfo& info = c.typed.at(scope.module, id);
    if (c.program.assignable(info.type, common)) info.wanted = common;
  }
  out->type = common;
}

/// Which template is shown is something that the model sees, so what decides it is read like a text of its prompt.
void check_template_choice(Checker& c, const Scope& scope,
                           const std::vector<ast::ExprId>& conditions,
                           const std::vector<ast::ExprId>& values, const ExprInfo& chosen) {
  if (!c.program.is(chosen.type, Known::Example)) return;
  const bool shown =
      std::ranges::any_of(values, [&](ast::ExprId id) { return prompts(c, scope, id); });
  for (const ast::ExprId id : conditions) {
    const Reads& reads = c.typed.at(scope.module, id).reads;
    const Span span = span_of(c, scope, id);
    if (!shown || reads.peak != Label::target) {
      check_label(c, scope, reads, shown ? Label::past : Label::target, "the choice of a template",
                  span, {});
      continue;
    }
    auto& error = report(c, Kind::prompt_reads_answer, span, "prompt reads the answer");
    error.primary.text = "decides which template the model is shown";
    if (reads.declared.file >= 0)
      error.secondary.push_back({reads.declared, "the model has to predict this"});
    error.help = "choose by what is known before, such as `h.length` of a history `h`";
  }
}

/// What decides between branches: at the latest the row does, and nothing does it per row for what is the same for all rows.
void check_choice(Checker& c, const Scope& scope, const Reads& condition, TypeId chosen,
                  Span span) {
  if (exists_per_row(c.program, chosen))
    check_known(c, scope, condition, "a condition", span);
  else
    check_world(c, scope, condition, World::constant, "a choice of " + a_described(c, chosen),
                span);
}

}  // namespace

void check_if(Checker& c, const Scope& scope, const ast::If& node, TypeId hint, ExprInfo* out) {
  const ExprInfo condition =
      expect(c, scope, node.condition, c.scalar(TypeKind::boolean), "condition");
  Scope then = scope, otherwise = scope;
  then.names = narrow(c, scope, node.condition, true);
  otherwise.names = narrow(c, scope, node.condition, false);
  const ExprInfo yes = infer(c, then, node.then, hint);
  const ExprInfo no = infer(c, otherwise, node.otherwise, hint);
  out->reads = join(condition.reads, join(yes.reads, no.reads));
  merge(c, scope, {node.then, node.otherwise}, hint, out);
  check_template_choice(c, scope, {node.condition}, {node.then, node.otherwise}, *out);
  check_choice(c, scope, condition.reads, out->type, span_of(c, scope, node.condition));
}

void check_match(Checker& c, const Scope& scope, const ast::Match& node, Span span, TypeId hint,
                 ExprInfo* out) {
  const ExprInfo subject = node.subject ? infer(c, scope, *node.subject) : ExprInfo{};
  if (node.subject && c.types().is_error(subject.type)) return;
  const TypeId flag = c.scalar(TypeKind::boolean);
  out->reads = subject.reads;
  std::vector<ast::ExprId> values, conditions;
  if (node.subject) conditions.push_back(*node.subject);
  Scope rest = scope;
  bool ends = false, broken = false;
  std::set<int32_t> covered;
  for (const ast::Arm& arm : node.arms) {
    Scope inner = rest;
    if (arm.condition) conditions.push_back(*arm.condition);
    if (!arm.condition) {
      ends = true;
    } else if (node.subject) {
      const ExprInfo& wanted = infer(c, rest, *arm.condition, subject.type);
      const Span at = span_of(c, scope, *arm.condition);
      if (c.types().is_error(wanted.type)) {
        broken = true;
      } else if (!comparable(c, subject.type, wanted.type)) {
        report(c, Kind::wrong_type, at,
               "the case is " + a_described(c, wanted.type) + ", `match` looks at " +
                   a_described(c, subject.type));
        broken = true;
      }
      if (wanted.target.kind == Target::Kind::enum_value) covered.insert(wanted.target.index);
      if (is_none(c, scope, *arm.condition))
        rest.names = present(rest.names, *node.subject);
      else
        inner.names = present(inner.names, *node.subject);
    } else {
      const ExprInfo& condition = expect(c, rest, *arm.condition, flag, "condition");
      out->reads = join(out->reads, condition.reads);
      broken = broken || c.types().is_error(condition.type);
      inner.names = narrow(c, rest, *arm.condition, true);
      rest.names = narrow(c, rest, *arm.condition, false);
    }
    out->reads = join(out->reads, infer(c, inner, arm.value, hint).reads);
    values.push_back(arm.value);
    if (ends) break;
  }
  const bool all =
      c.types().kind(subject.type) == TypeKind::enum_ &&
      covered.size() == c.program.enumeration(c.types()[subject.type].index).values.size();
  if (!ends && !all) {
    report(c, Kind::wrong_type, span, "no arm of this `match` is sure to hold").help =
        "end with `else => …`";
    return;
  }
  if (!broken) merge(c, scope, values, hint, out);
  check_template_choice(c, scope, conditions, values, *out);
  if (node.subject)
    check_choice(c, scope, subject.reads, out->type, span_of(c, scope, *node.subject));
  for (const ast::Arm& arm : node.arms) {
    if (arm.condition)
      check_choice(c, scope, c.typed.at(scope.module, *arm.condition).reads, out->type,
                   span_of(c, scope, *arm.condition));
  }
}

}  // namespace rexp::check
