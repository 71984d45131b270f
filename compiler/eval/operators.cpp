// Operators. Two constants give a constant, anything else a row expression; units are checked in both.
#include <cmath>

#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {
using ast::BinaryOp;
using diagnostics::Kind;

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

bool plain(TypeKind kind) {
  return kind == TypeKind::integer || kind == TypeKind::real || kind == TypeKind::ratio ||
         kind == TypeKind::seed;
}

}  // namespace

Value Elaborator::eval_binary(const Scope& scope, const ast::Binary& node, Span span) {
  switch (node.op) {
    case BinaryOp::and_:
    case BinaryOp::or_: return logic(node.op, scope, node, span);
    case BinaryOp::in: return eval_in(scope, node, span);
    case BinaryOp::is: return eval_is(scope, node, span);
    default: break;
  }
  const Value a = eval(scope, node.left);
  if (is_error(a)) return a;
  const Value b = eval(scope, node.right, a.type);
  if (is_error(b)) return b;
  switch (node.op) {
    case BinaryOp::eq:
    case BinaryOp::ne:
    case BinaryOp::lt:
    case BinaryOp::le:
    case BinaryOp::gt:
    case BinaryOp::ge: return compare(node.op, a, b, span);
    case BinaryOp::range: return list(program_.common(a.type, b.type), {a, b});
    default: return arithmetic(node.op, a, b, span);
  }
}

Value Elaborator::logic(BinaryOp op, const Scope& scope, const ast::Binary& node, Span) {
  const TypeId flag = type(TypeKind::boolean);
  auto side = [&](ast::ExprId id) {
    return coerce(eval(scope, id, flag), flag,
                  std::string("left and right of `") + symbol_of(op) + "`",
                  tree(scope.module)[id].span);
  };
  const Value a = side(node.left);
  if (is_error(a)) return a;
  const bool decides = op == BinaryOp::or_;  // `true or x`, `false and x`
  if (const bool* known = a.as<bool>(); known != nullptr)
    return *known == decides ? a : side(node.right);
  const Value b = side(node.right);
  if (is_error(b)) return b;
  const Provenance from = join(a.from, b.from);
  if (const bool* known = b.as<bool>(); known != nullptr) return *known == decides ? b : a;
  if (a.is_unknown() || b.is_unknown() || row_ == nullptr) return unknown(flag, from);
  const row::ExprId left = lift(a), right = lift(b);
  return residual(flag,
                  row_->add(op == BinaryOp::and_ ? row::Op::and_ : row::Op::or_,
                            {row::Kind::boolean}, {left, right}),
                  from);
}

Value Elaborator::eval_in(const Scope& scope, const ast::Binary& node, Span span) {
  const Value needle = eval(scope, node.left);
  if (is_error(needle)) return needle;
  const Value hay = eval(scope, node.right);
  if (is_error(hay)) return hay;
  const ast::Expr& right = tree(scope.module)[node.right];
  const auto* range = std::get_if<ast::Binary>(&right.node);
  if (range != nullptr && range->op == BinaryOp::range) {
    const auto* bounds = hay.shared<ListValue>();
    if (bounds == nullptr) return unknown(type(TypeKind::boolean), needle.from);
    const Value low = compare(BinaryOp::ge, needle, bounds->elements[0], span);
    const Value high = compare(BinaryOp::le, needle, bounds->elements[1], span);
    if (is_error(low) || is_error(high)) return failed();
    const bool *l = low.as<bool>(), *h = high.as<bool>();
    if (l != nullptr && h != nullptr) return boolean(*l && *h);
    if (low.is_unknown() || high.is_unknown()) return unknown(type(TypeKind::boolean), needle.from);
    const row::ExprId left = lift(low), both = lift(high);
    return residual(type(TypeKind::boolean),
                    row_->add(row::Op::and_, {row::Kind::boolean}, {left, both}), needle.from);
  }
  return contains(hay, needle, span);
}

Value Elaborator::eval_is(const Scope& scope, const ast::Binary& node, Span span) {
  const Value subject = eval(scope, node.left);
  if (is_error(subject)) return subject;
  const ast::Expr& right = tree(scope.module)[node.right];
  const auto* name = std::get_if<ast::NameRef>(&right.node);
  const auto* choice = subject.shared<ChoiceValue>();
  if (choice != nullptr && name != nullptr) {
    std::vector<std::string> known;
    int index = -1;
    for (size_t i = 0; i < choice->options->variants.size(); ++i) {
      known.push_back(choice->options->variants[i].name.text);
      if (known.back() == name->name.text) index = static_cast<int>(i);
    }
    if (index < 0) {
      report(Kind::unknown_name, right.span,
             "this choice has no `" + name->name.text + "`" +
                 check::did_you_mean(name->name.text, known));
      return failed();
    }
    if (choice->known >= 0) return boolean(choice->known == index);
    int64_t position = -1;  // among the variants that can be drawn
    for (size_t i = 0; i < choice->offered.size(); ++i) {
      if (choice->offered[i] == index) position = static_cast<int64_t>(i);
    }
    if (position < 0) return boolean(false);
    const row::ExprId drawn = row_->add(row::Op::var, {row::Kind::integer}, {}, choice->var);
    const row::ExprId wanted = row_->constant(position);
    return residual(type(TypeKind::boolean),
                    row_->add(row::Op::eq, {row::Kind::boolean}, {drawn, wanted}), {});
  }
  return compare(BinaryOp::eq, subject, eval(scope, node.right, subject.type), span);
}

bool Elaborator::equal(const Value& a, const Value& b) const {
  if (const auto x = number_of(a), y = number_of(b); x && y) return *x == *y;
  if (const auto *x = a.as<bool>(), *y = b.as<bool>(); x != nullptr && y != nullptr)
    return *x == *y;
  if (const auto *x = a.as<std::string>(), *y = b.as<std::string>(); x != nullptr && y != nullptr)
    return *x == *y;
  if (const auto *x = a.as<EnumValue>(), *y = b.as<EnumValue>(); x != nullptr && y != nullptr) {
    return x->enumeration == y->enumeration && x->name == y->name;
  }
  if (a.as<NoneValue>() != nullptr || b.as<NoneValue>() != nullptr)
    return a.data.index() == b.data.index();
  const auto *x = a.shared<ListValue>(), *y = b.shared<ListValue>();
  if (x != nullptr && y != nullptr) {
    if (x->elements.size() != y->elements.size()) return false;
    for (size_t i = 0; i < x->elements.size(); ++i) {
      if (!equal(x->elements[i], y->elements[i])) return false;
    }
    return true;
  }
  const auto *r = a.shared<RecordValue>(), *s = b.shared<RecordValue>();
  if (r != nullptr && s != nullptr) {
    if (r->schema != s->schema || r->name != s->name) return false;
    for (size_t i = 0; i < r->fields.size(); ++i) {
      if (!equal(*r->fields[i].value, *s->fields[i].value)) return false;
    }
    return true;
  }
  const auto *m = a.shared<MixtureValue>(), *n = b.shared<MixtureValue>();
  if (m != nullptr && n != nullptr)
    return m == n;  // a mixture is the one that its declaration made
  if (const auto *t = a.as<TemplateValue>(), *u = b.as<TemplateValue>();
      t != nullptr && u != nullptr) {
    return t->symbol == u->symbol && t->variant == u->variant;
  }
  return false;
}

Value Elaborator::compare(BinaryOp op, const Value& a, const Value& b, Span span) {
  if (is_error(a) || is_error(b)) return failed();
  const TypeId flag = type(TypeKind::boolean);
  const Provenance from = join(a.from, b.from);
  const TypeKind ka = types().kind(a.type), kb = types().kind(b.type);
  const bool ordered = op != BinaryOp::eq && op != BinaryOp::ne;
  const bool numbers = plain(ka) && plain(kb);
  const bool same = program_.assignable(a.type, b.type) || program_.assignable(b.type, a.type);
  if (!numbers && !same) {
    const Kind kind =
        check::is_amount(ka) && check::is_amount(kb) ? Kind::wrong_unit : Kind::wrong_type;
    report(kind, span,
           std::string("`") + symbol_of(op) + "` compares a " + described(a.type) + " with a " +
               described(b.type));
    return failed();
  }
  if (ordered && !numbers &&
      !(ka == TypeKind::text || check::is_amount(ka) || ka == TypeKind::any)) {
    report(
        Kind::wrong_type, span,
        "a " + described(a.type) + " has no order, `" + symbol_of(op) + "` needs numbers or texts");
    return failed();
  }
  if (a.is_unknown() || b.is_unknown()) return unknown(flag, from);
  if (!a.is_residual() && !b.is_residual()) {
    if (op == BinaryOp::eq) return boolean(equal(a, b));
    if (op == BinaryOp::ne) return boolean(!equal(a, b));
    if (const auto *x = a.as<std::string>(), *y = b.as<std::string>();
        x != nullptr && y != nullptr) {
      return boolean(op == BinaryOp::lt   ? *x < *y
                     : op == BinaryOp::le ? *x <= *y
                     : op == BinaryOp::gt ? *x > *y
                                          : *x >= *y);
    }
    const auto x = number_of(a), y = number_of(b);
    if (!x || !y) return unknown(flag, from);
    return boolean(op == BinaryOp::lt   ? *x < *y
                   : op == BinaryOp::le ? *x <= *y
                   : op == BinaryOp::gt ? *x > *y
                                        : *x >= *y);
  }
  if (types().kind(a.type) == TypeKind::list || !row_type(a.type) || !row_type(b.type)) {
    report(Kind::not_in_row_function, span,
           "a " + described(a.type) + " cannot be compared per example");
    return failed();
  }
  row::ExprId left = lift(a), right = lift(b);
  if (row_->type(left).kind != row_->type(right).kind &&
      !numbers) {  // an event and an item: the same item?
    if (row_->type(left).kind == row::Kind::event) left = row_->item_of(a.dataset, left);
    if (row_->type(right).kind == row::Kind::event) right = row_->item_of(b.dataset, right);
  }
  const bool swapped = op == BinaryOp::gt || op == BinaryOp::ge;
  const row::Op code = op == BinaryOp::eq                         ? row::Op::eq
                       : op == BinaryOp::ne                       ? row::Op::ne
                       : op == BinaryOp::lt || op == BinaryOp::gt ? row::Op::lt
                                                                  : row::Op::le;
  if (swapped) std::swap(left, right);
  return residual(flag, row_->add(code, {row::Kind::boolean}, {left, right}), from);
}

Value Elaborator::arithmetic(BinaryOp op, const Value& a, const Value& b, Span span) {
  const TypeKind ka = types().kind(a.type), kb = types().kind(b.type);
  const Provenance from = join(a.from, b.from);
  if (op == BinaryOp::add) {
    if (const auto *x = a.shared<ListValue>(), *y = b.shared<ListValue>();
        x != nullptr && y != nullptr) {
      std::vector<Value> all = x->elements;
      all.insert(all.end(), y->elements.begin(), y->elements.end());
      TypeId element = x->elements.empty() ? element_type(b.type)
                       : y->elements.empty()
                           ? element_type(a.type)
                           : program_.common(element_type(a.type), element_type(b.type));
      return list(element, std::move(all));
    }
    if (const auto *x = a.shared<TaskValue>(), *y = b.shared<TaskValue>();
        x != nullptr && y != nullptr) {
      TaskValue both = *x;
      both.parts.insert(both.parts.end(), y->parts.begin(), y->parts.end());
      both.span = span;
      return task_value(std::move(both));
    }
    if (ka == TypeKind::text && kb == TypeKind::text) {
      report(Kind::wrong_type, span, "`+` adds numbers, lists and tasks, found two texts").help =
          "join texts with holes: \"${a}${b}\"";
      return failed();
    }
  }
  if (a.is_unknown() || b.is_unknown()) {
    const bool plain_both = plain(ka) && plain(kb);
    return unknown(
        op == BinaryOp::div && plain_both ? type(TypeKind::real) : program_.common(a.type, b.type),
        from);
  }
  const bool amounts = check::is_amount(ka) && check::is_amount(kb);
  if (!amounts) {
    const Value& wrong = check::is_amount(ka) ? b : a;
    report(Kind::wrong_type, span,
           std::string("`") + symbol_of(op) + "` needs numbers, found a " + described(wrong.type));
    return failed();
  }
  // Amounts keep their unit: 3 epochs + 1 epochs, 2 * 500 steps; 3 epochs / 1 epochs is a plain number.
  const bool additive = op == BinaryOp::add || op == BinaryOp::sub;
  const bool unit_a = !plain(ka), unit_b = !plain(kb);
  TypeKind out = TypeKind::real;
  bool fine = true;
  if (unit_a || unit_b) {
    if (additive) fine = ka == kb;
    if (op == BinaryOp::mul) fine = !(unit_a && unit_b);
    if (op == BinaryOp::div) fine = unit_a && (!unit_b || ka == kb);
    out = op == BinaryOp::div && unit_b ? TypeKind::real : unit_a ? ka : kb;
  } else if (op != BinaryOp::div && ka == TypeKind::integer && kb == TypeKind::integer) {
    out = TypeKind::integer;
  } else if (additive && ka == TypeKind::ratio && kb == TypeKind::ratio) {
    out = TypeKind::ratio;
  }
  if (!fine) {
    report(Kind::wrong_unit, span,
           std::string("`") + symbol_of(op) + "` of " + check::describe_unit(ka) + " and " +
               check::describe_unit(kb) + " has no meaning");
    return failed();
  }
  if (a.is_residual() || b.is_residual()) {
    const row::ExprId left = lift(a), right = lift(b);
    const row::Op code = op == BinaryOp::add   ? row::Op::add
                         : op == BinaryOp::sub ? row::Op::sub
                         : op == BinaryOp::mul ? row::Op::mul
                                               : row::Op::div;
    const bool whole = out == TypeKind::integer;
    return residual(type(out),
                    row_->add(code, {whole ? row::Kind::integer : row::Kind::real}, {left, right}),
                    from);
  }
  if (out == TypeKind::integer) {
    const int64_t x = *a.as<int64_t>(), y = *b.as<int64_t>();
    int64_t result = 0;
    const bool overflow = op == BinaryOp::add   ? __builtin_add_overflow(x, y, &result)
                          : op == BinaryOp::sub ? __builtin_sub_overflow(x, y, &result)
                                                : __builtin_mul_overflow(x, y, &result);
    if (overflow) {
      report(Kind::condition_fails, span, "the result does not fit in 64 bits");
      return failed();
    }
    return integer(result);
  }
  const double x = *number_of(a), y = *number_of(b);
  if (op == BinaryOp::div && y == 0) {
    report(Kind::condition_fails, span, "division by zero");
    return failed();
  }
  return value(type(out), op == BinaryOp::add   ? x + y
                          : op == BinaryOp::sub ? x - y
                          : op == BinaryOp::mul ? x * y
                                                : x / y);
}

Value Elaborator::eval_unary(const Scope& scope, const ast::Unary& node, Span span) {
  const Value operand = eval(scope, node.operand);
  if (is_error(operand)) return operand;
  if (node.op == ast::UnaryOp::not_) {
    const Value flag = coerce(operand, type(TypeKind::boolean), "`not`", span);
    if (is_error(flag) || flag.is_unknown()) return flag;
    if (const bool* known = flag.as<bool>()) return boolean(!*known);
    return residual(flag.type, row_->add(row::Op::not_, {row::Kind::boolean}, {lift(flag)}),
                    flag.from);
  }
  if (operand.is_unknown()) return operand;
  if (const auto* whole = operand.as<int64_t>()) return integer(-*whole);
  if (const auto* real = operand.as<double>()) return value(operand.type, -*real);
  if (operand.is_residual() && plain(types().kind(operand.type))) {
    const row::ExprId inner = lift(operand);
    return residual(operand.type, row_->add(row::Op::neg, row_->type(inner), {inner}),
                    operand.from);
  }
  report(Kind::wrong_type, span, "`-` needs a number, found a " + described(operand.type));
  return failed();
}

}  // namespace rexp::elaborate
