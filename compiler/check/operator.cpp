// Operators: units and types of both sides. What they compute is eval's business.
#include "compiler/check/context.h"

namespace rexp::check {
using ast::BinaryOp;

namespace {

const char* symbol_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::mul: return "*";
    case BinaryOp::div: return "/";
    case BinaryOp::add: return "+";
    case BinaryOp::sub: return "-";
    case BinaryOp::range: return "..";
    case BinaryOp::lt: return "<";
    case BinaryOp::le: return "<=";
    case BinaryOp::gt: return ">";
    case BinaryOp::ge: return ">=";
    case BinaryOp::eq: return "==";
    case BinaryOp::ne: return "!=";
    case BinaryOp::in: return "in";
    case BinaryOp::is: return "is";
    case BinaryOp::and_: return "and";
    case BinaryOp::or_: return "or";
  }
  return "";
}

/// A bare value of an enum takes its meaning from the other side: `age(i) == old`, `old == age(i)`.
bool is_bare_name(const Checker& c, const Scope& scope, ast::ExprId id) {
  const auto* ref = std::get_if<ast::NameRef>(&c.tree(scope.module)[id].node);
  return ref != nullptr && find(scope.names, ref->name.text) == nullptr &&
         !c.program.lookup(scope.module, ref->name.text);
}

/// Numbers, texts, truths, items: what one operation compares per row.
bool is_single(Checker& c, TypeId type) {
  const TypeId inner = c.types().without_none(type);
  const TypeKind kind = c.types().kind(inner);
  if (kind == TypeKind::record)
    return c.program.is_item(inner) || c.program.is(inner, Known::Event) ||
           c.program.is(inner, Known::Sid) || c.program.is(inner, Known::WindowId);
  return kind != TypeKind::list && exists_per_row(c.program, inner);
}

void compare(Checker& c, const Scope& scope, const ast::Binary& node, const ExprInfo& a,
             const ExprInfo& b, Span span, ExprInfo* out) {
  const TypeKind ka = c.types().kind(a.type), kb = c.types().kind(b.type);
  const bool ordered = node.op != BinaryOp::eq && node.op != BinaryOp::ne;
  const bool numbers = is_plain_number(ka) && is_plain_number(kb);
  if (!numbers && !comparable(c, a.type, b.type)) {
    const Kind kind = is_amount(ka) && is_amount(kb) ? Kind::wrong_unit : Kind::wrong_type;
    report(c, kind, span,
           std::string("`") + symbol_of(node.op) + "` compares " + a_described(c, a.type) +
               " with " + a_described(c, b.type));
    return;
  }
  if (ordered && !numbers && ka != TypeKind::text && !is_amount(ka)) {
    report(c, Kind::wrong_type, span,
           a_described(c, a.type) + " has no order, `" + symbol_of(node.op) +
               "` needs numbers or texts");
    return;
  }
  for (const ExprInfo* side : {&a, &b}) {
    const bool single = is_single(c, side->type);
    check_world(c, scope, out->reads, single ? World::row : World::constant,
                single ? "a comparison" : "a comparison of " + a_described(c, side->type), span);
  }
  out->type = c.scalar(TypeKind::boolean);
}

/// Tasks, rows and lists are joined with `+`.
bool join_sequences(Checker& c, const ExprInfo& a, const ExprInfo& b, Span span, ExprInfo* out) {
  const bool tasks = c.program.is(a.type, Known::Task) && c.program.is(b.type, Known::Task);
  const bool lists =
      c.types().kind(a.type) == TypeKind::list && c.types().kind(b.type) == TypeKind::list;
  const bool rows = is_rows(c, a.type) && is_rows(c, b.type);
  if (!tasks && !lists && !rows) return false;
  const auto both = c.program.common(a.type, b.type);
  const bool apart =
      rows && !c.program.assignable(a.type, b.type) && !c.program.assignable(b.type, a.type);
  if (!both || apart) {
    report(c, Kind::wrong_type, span,
           "`+` joins " + a_described(c, a.type) + " and " + a_described(c, b.type) +
               ", which hold different things");
    return true;
  }
  out->type =
      rows && c.program.is(*both, Known::Part)
          ? c.program.known_type(Known::Rows,
                                 {c.program.known_type(Known::Window, c.types()[*both].arguments)})
          : *both;
  return true;
}

/// Amounts keep their unit: 3 epochs + 1 epochs, 2 * 500 steps; 3 epochs / 1 epochs is a plain number.
TypeKind result_kind(BinaryOp op, TypeKind ka, TypeKind kb, bool* fine) {
  const bool additive = op == BinaryOp::add || op == BinaryOp::sub;
  const bool unit_a = !is_plain_number(ka), unit_b = !is_plain_number(kb);
  if (unit_a || unit_b) {
    if (additive) *fine = ka == kb;
    if (op == BinaryOp::mul) *fine = !(unit_a && unit_b);
    if (op == BinaryOp::div) *fine = unit_a && (!unit_b || ka == kb);
    return op == BinaryOp::div && unit_b ? TypeKind::real : unit_a ? ka : kb;
  }
  auto whole = [](TypeKind kind) { return kind == TypeKind::integer || kind == TypeKind::seed; };
  if (op != BinaryOp::div && whole(ka) && whole(kb)) return TypeKind::integer;
  if (additive && ka == TypeKind::ratio && kb == TypeKind::ratio) return TypeKind::ratio;
  return TypeKind::real;
}

void arithmetic(Checker& c, const Scope& scope, const ast::Binary& node, const ExprInfo& a,
                const ExprInfo& b, Span span, ExprInfo* out) {
  const TypeKind ka = c.types().kind(a.type), kb = c.types().kind(b.type);
  if (node.op == BinaryOp::add) {
    if (join_sequences(c, a, b, span, out)) return;
    if (ka == TypeKind::text && kb == TypeKind::text) {
      report(c, Kind::wrong_type, span, "`+` adds numbers, lists and tasks, found two texts").help =
          "join texts with holes: \"${a}${b}\"";
      return;
    }
  }
  if (!is_amount(ka) || !is_amount(kb)) {
    report(c, Kind::wrong_type, span,
           std::string("`") + symbol_of(node.op) + "` needs numbers, found " +
               a_described(c, is_amount(ka) ? b.type : a.type));
    return;
  }
  bool fine = true;
  const TypeKind kind = result_kind(node.op, ka, kb, &fine);
  if (!fine) {
    report(c, Kind::wrong_unit, span,
           std::string("`") + symbol_of(node.op) + "` of " + describe_unit(ka) + " and " +
               describe_unit(kb) + " has no meaning");
    return;
  }
  out->type = c.scalar(kind);
  if (exists_per_row(c.program, out->type))
    check_known(c, scope, out->reads, "an operand", span);
  else
    check_world(c, scope, out->reads, World::constant, describe_unit(kind), span);
}

void check_range(Checker& c, const ExprInfo& a, const ExprInfo& b, Span span, ExprInfo* out) {
  const auto both = c.program.common(a.type, b.type);
  if (!both || !is_amount(c.types().kind(*both))) {
    report(c, Kind::wrong_type, span,
           "`..` goes from a number to a number of the same unit, found " + a_described(c, a.type) +
               " and " + a_described(c, b.type));
    return;
  }
  out->type = c.types().make({TypeKind::range, {*both}});
}

void check_in(Checker& c, const Scope& scope, const ast::Binary& node, Span span, ExprInfo* out) {
  const ExprInfo hay = infer(c, scope, node.right);
  const TypeKind kind = c.types().kind(hay.type);
  const bool holds = kind == TypeKind::list || kind == TypeKind::range;
  const TypeId element = holds ? c.types()[hay.type].arguments[0] : TypeId{};
  const ExprInfo needle = infer(c, scope, node.left, element);
  out->reads = join(needle.reads, hay.reads);
  if (c.types().is_error(hay.type) || c.types().is_error(needle.type)) return;
  if (!holds) {
    report(c, Kind::wrong_type, span, "`in` looks into a list, found " + a_described(c, hay.type));
    return;
  }
  const bool numbers =
      is_plain_number(c.types().kind(needle.type)) && is_plain_number(c.types().kind(element));
  if (!numbers && !comparable(c, needle.type, element)) {
    report(c, Kind::wrong_type, span,
           std::string(kind == TypeKind::range ? "the range" : "the list") + " holds `" +
               c.types().name(element) + "`, a `" + c.types().name(needle.type) +
               "` is never in it");
    return;
  }
  out->type = c.scalar(TypeKind::boolean);
}

/// `reply is dislike`: a choice of the template, or a value of an enum.
void check_is(Checker& c, const Scope& scope, const ast::Binary& node, Span span, ExprInfo* out) {
  const ExprInfo subject = infer(c, scope, node.left);
  if (c.types().is_error(subject.type)) return;
  const Names* local = local_of(c, scope, node.left);
  const auto* name = std::get_if<ast::NameRef>(&c.tree(scope.module)[node.right].node);
  out->reads = subject.reads;
  if (local == nullptr || local->choice == nullptr || name == nullptr) {
    const ExprInfo other = infer(c, scope, node.right, subject.type);
    out->reads = join(out->reads, other.reads);
    if (c.types().is_error(other.type)) return;
    return compare(c, scope, {BinaryOp::eq, node.left, node.right}, subject, other, span, out);
  }
  std::vector<std::string> known;
  int32_t index = -1;
  for (const ast::Variant& variant : local->choice->variants) {
    if (variant.name.text == name->name.text) index = static_cast<int32_t>(known.size());
    known.push_back(variant.name.text);
  }
  if (index < 0) {
    report(c, Kind::unknown_name, name->name.span,
           "this choice has no `" + name->name.text + "`" + did_you_mean(name->name.text, known));
    return;
  }
  ExprInfo& right = c.typed.at(scope.module, node.right);
  right = {};
  right.type = subject.type;
  right.target = {Target::Kind::option, {}, index, false};
  out->type = c.scalar(TypeKind::boolean);
}

/// Also `sid.legal and (i => …)`: the ids of the items for which a condition holds.
void check_logic(Checker& c, const Scope& scope, const ast::Binary& node, ExprInfo* out) {
  const TypeId flag = c.scalar(TypeKind::boolean);
  const std::string what = std::string("left and right of `") + symbol_of(node.op) + "`";
  const ExprInfo left = infer(c, scope, node.left, flag);
  if (node.op == BinaryOp::and_ && c.program.is(left.type, Known::Trie)) {
    const TypeId condition = c.types().function({c.types()[left.type].arguments[0], flag});
    const ExprInfo& right = expect(c, scope, node.right, condition, "the right side");
    if (!c.types().is_error(right.type)) out->type = left.type;
    return;
  }
  fit(c, c.typed.at(scope.module, node.left), flag, what, span_of(c, scope, node.left));
  Scope inner = scope;
  inner.names = narrow(c, scope, node.left, node.op == BinaryOp::and_);
  const ExprInfo& right = expect(c, inner, node.right, flag, what);
  out->reads = join(left.reads, right.reads);
  if (!c.types().is_error(c.typed.at(scope.module, node.left).type) &&
      !c.types().is_error(right.type))
    out->type = flag;
}

}  // namespace

bool comparable(Checker& c, TypeId a, TypeId b) {
  if (c.program.assignable(a, b) || c.program.assignable(b, a)) return true;
  auto item = [&](TypeId type) {
    return c.program.is_item(type) || c.program.is(type, Known::Event);
  };
  if (item(a) && item(b)) {  // the same item? of one catalogue, as far as is known
    const TypeId x = c.program.is(a, Known::Event) ? c.types()[c.program.bound(a)].arguments[0] : a;
    const TypeId y = c.program.is(b, Known::Event) ? c.types()[c.program.bound(b)].arguments[0] : b;
    return c.program.assignable(x, y) || c.program.assignable(y, x);
  }
  if (c.types().kind(a) == TypeKind::none || c.types().kind(b) == TypeKind::none)
    return c.types().optional(a) || c.types().optional(b);
  const TypeId x = c.types().without_none(a), y = c.types().without_none(b);
  return (x != a || y != b) && comparable(c, x, y);
}

void check_binary(Checker& c, const Scope& scope, const ast::Binary& node, Span span,
                  ExprInfo* out) {
  switch (node.op) {
    case BinaryOp::and_:
    case BinaryOp::or_: return check_logic(c, scope, node, out);
    case BinaryOp::in: return check_in(c, scope, node, span, out);
    case BinaryOp::is: return check_is(c, scope, node, span, out);
    default: break;
  }
  const bool equality = node.op == BinaryOp::eq || node.op == BinaryOp::ne;
  const bool right_first = equality && is_bare_name(c, scope, node.left);
  const ast::ExprId first = right_first ? node.right : node.left;
  const ast::ExprId second = right_first ? node.left : node.right;
  const TypeId hint = infer(c, scope, first).type;
  infer(c, scope, second, hint);
  const ExprInfo a = c.typed.at(scope.module, node.left), b = c.typed.at(scope.module, node.right);
  out->reads = join(a.reads, b.reads);
  if (c.types().is_error(a.type) || c.types().is_error(b.type)) return;
  switch (node.op) {
    case BinaryOp::eq:
    case BinaryOp::ne:
    case BinaryOp::lt:
    case BinaryOp::le:
    case BinaryOp::gt:
    case BinaryOp::ge: return compare(c, scope, node, a, b, span, out);
    case BinaryOp::range: return check_range(c, a, b, span, out);
    default: return arithmetic(c, scope, node, a, b, span, out);
  }
}

void check_unary(Checker& c, const Scope& scope, const ast::Unary& node, Span span, ExprInfo* out) {
  if (node.op == ast::UnaryOp::not_) {
    const ExprInfo& flag = expect(c, scope, node.operand, c.scalar(TypeKind::boolean), "`not`");
    out->type = flag.type;
    out->reads = flag.reads;
    return;
  }
  const ExprInfo operand = infer(c, scope, node.operand);
  out->reads = operand.reads;
  if (c.types().is_error(operand.type)) return;
  if (!is_amount(c.types().kind(operand.type))) {
    report(c, Kind::wrong_type, span, "`-` needs a number, found " + a_described(c, operand.type));
    return;
  }
  out->type = operand.type;
}

}  // namespace rexp::check
