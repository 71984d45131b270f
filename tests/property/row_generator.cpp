#include "tests/property/row_generator.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "compiler/row/sharing.h"

namespace rexp::testing {

using row::ExprId;
using row::Kind;
using row::Op;
using row::StmtId;
using row::Type;

row::RowFunction Generator::scalar(row::FunctionKind kind) {
  start(kind);
  const Type type = kind == row::FunctionKind::predicate       ? kBool
                    : kind == row::FunctionKind::text          ? kText
                    : kind == row::FunctionKind::real_function ? kReal
                                                               : kInt;
  b_.function.result = expr(type, 5);
  return b_.function;
}

void Generator::start(row::FunctionKind kind) {
  b_ = Builder(kind);
  scope_.clear();
  made_.clear();
  reads_.clear();
}

row::RowFunction Generator::renderer(bool answer) {
  start(row::FunctionKind::renderer);
  const uint64_t turns = 1 + pick(4);
  for (uint64_t i = 0; i < turns; ++i) {
    const auto role = static_cast<row::Role>(pick(4));
    b_.function.body.push_back(b_.turn(role, content(3), chance(20)));
  }
  if (answer) {
    std::vector<StmtId> said = content(2);
    said.push_back(b_.print(b_.sid_of(b_.next())));
    if (chance(50)) said.push_back(b_.print(text(2)));
    b_.function.body.push_back(b_.turn(row::Role::assistant, said));
  }
  return b_.function;
}

// ---- statements ---------------------------------------------------------------------------------------------------------

std::vector<StmtId> Generator::content(int depth) {
  std::vector<StmtId> out;
  const uint64_t size = pick(4);
  for (uint64_t i = 0; i < size; ++i) out.push_back(statement(depth));
  return out;
}

StmtId Generator::statement(int depth) {
  const uint64_t kind = depth == 0 ? pick(5) : pick(8);
  if (kind < 2) return b_.print(const_text());
  if (kind == 2) return b_.print(sid(1));
  if (kind == 3) return b_.print(text(2));
  if (kind == 4) return b_.print(chance(50) ? integer(1) : real(1));
  if (kind == 5) {
    const ExprId condition = boolean(2);
    const std::vector<StmtId> then = content(depth - 1);
    return b_.if_(condition, then, content(depth - 1));
  }
  if (kind == 6) {
    const Type element = element_type();
    const ExprId all = list(element, 2);
    const int32_t var = b_.new_var();
    const std::vector<StmtId> between =
        chance(60) ? std::vector<StmtId>{b_.print(const_text())} : content(depth - 1);
    const size_t outside = scope_.size();
    scope_.push_back({var, element});
    const std::vector<StmtId> body =
        chance(40) ? std::vector<StmtId>{b_.print(sid(1))} : content(depth - 1);
    scope_.resize(outside);
    return b_.each(var, all, body, between);
  }
  const int32_t var = b_.new_var();
  std::vector<std::vector<StmtId>> bodies;
  std::vector<double> weights = {1, 0, 2.5};
  for (size_t i = 0; i < weights.size(); ++i) bodies.push_back(content(depth - 1));
  scope_.push_back({var, kInt});  // read by later statements
  return b_.choose(var, weights, bodies);
}

// ---- expressions --------------------------------------------------------------------------------------------------------

Type Generator::element_type() {
  static constexpr Type kTypes[] = {kEvent, kEvent, kItem, kText, kInt, kSid, kReal, kBool};
  return kTypes[pick(std::size(kTypes))];
}

ExprId Generator::const_text() {
  static const char* kTexts[] = {"",       "，",         "喜剧", " to", "user\n",
                                 "推荐：", "<|im_end|>", "\n\n", ", ",  "é"};
  return b_.text(kTexts[pick(std::size(kTexts))]);
}

ExprId Generator::leaf(Type type) {
  switch (type.kind) {
    case Kind::boolean: return b_.expr(Op::const_bool, kBool, {}, static_cast<int64_t>(pick(2)));
    case Kind::integer:
      return chance(50) ? b_.expr(Op::param, kInt, {}, kStep)
                        : b_.integer(static_cast<int64_t>(pick(7)) - 2);
    case Kind::real:
      return chance(50) ? b_.expr(Op::param, kReal, {}, kRate)
                        : b_.real(static_cast<double>(pick(9)) / 3 - 1);
    case Kind::text: return const_text();
    case Kind::item:
      return chance(50) ? b_.expr(Op::param, kItem, {}, kItemSlot) : b_.item_of(b_.next());
    case Kind::event: return b_.next();
    case Kind::sid: return b_.expr(Op::sid, kSid, {expr(kItem, 0)}, static_cast<int64_t>(pick(2)));
    default: break;
  }
  if (type.element == Kind::event && chance(80)) return b_.history();
  if (type.element == Kind::text && chance(80))
    return b_.expr(Op::column, type, {expr(kItem, 0)}, kCategory);
  std::vector<ExprId> elements;
  for (uint64_t i = pick(4); i > 0; --i) elements.push_back(expr(Type{type.element}, 0));
  return b_.expr(Op::make_list, type, elements);
}

ExprId Generator::expr(Type type, int depth) {
  if (chance(25)) {
    std::vector<ExprId> fitting;  // not deeper than asked for, so that lists and texts stay short
    for (const Made& m : made_) {
      if (m.type == type && m.depth <= depth && in_scope(m.id)) fitting.push_back(m.id);
    }
    if (!fitting.empty()) return fitting[pick(fitting.size())];
  }
  return remember(fresh_expr(type, depth), type, depth);
}

ExprId Generator::remember(ExprId id, Type type, int depth) {
  made_.push_back({id, type, depth});
  return id;
}

/// Every loop variable that the expression reads is bound here.
bool Generator::in_scope(ExprId id) {
  const std::function<const std::set<int64_t>&(ExprId)> reads = [&](ExprId of) -> const auto& {
    const auto [at, fresh] = reads_.try_emplace(of);
    if (!fresh) return at->second;
    const row::Expr& e = b_.function.exprs[static_cast<size_t>(of)];
    if (e.op == Op::var) at->second.insert(e.number);
    for (ExprId arg : e.args) {
      for (int64_t var : reads(arg)) at->second.insert(var);
    }
    if (row::binds(e.op)) at->second.erase(e.number);
    return at->second;
  };
  return std::ranges::all_of(reads(id), [&](int64_t var) {
    return std::ranges::any_of(scope_, [&](const Bound& bound) { return bound.var == var; });
  });
}

ExprId Generator::fresh_expr(Type type, int depth) {
  if (chance(60)) {
    for (auto it = scope_.rbegin(); it != scope_.rend(); ++it) {
      if (it->type == type && chance(70)) return b_.var(it->var, type);
    }
  }
  if (depth == 0) return leaf(type);
  if (chance(10))
    return b_.expr(Op::if_, type,
                   {boolean(depth - 1), expr(type, depth - 1), expr(type, depth - 1)});
  switch (type.kind) {
    case Kind::boolean: return boolean(depth);
    case Kind::integer: return integer(depth);
    case Kind::real: return real(depth);
    case Kind::text: return text(depth);
    case Kind::item: return b_.item_of(expr(kEvent, depth - 1));
    case Kind::sid: return sid(depth);
    case Kind::list: return fresh_list(Type{type.element}, depth);
    default: return leaf(type);
  }
}

ExprId Generator::boolean(int depth) {
  if (depth == 0) return leaf(kBool);
  switch (pick(8)) {
    case 0:
      return b_.expr(chance(50) ? Op::and_ : Op::or_, kBool,
                     {boolean(depth - 1), boolean(depth - 1), boolean(0)});
    case 1: return b_.expr(Op::not_, kBool, {boolean(depth - 1)});
    case 2:
      return b_.expr(chance(50) ? Op::lt : Op::le, kBool,
                     {expr(kInt, depth - 1), expr(chance(50) ? kInt : kReal, depth - 1)});
    case 3:
      return b_.expr(chance(50) ? Op::lt : Op::le, kBool,
                     {expr(kText, depth - 1), expr(kText, depth - 1)});
    case 4:
      return b_.expr(chance(50) ? Op::lt : Op::le, kBool,
                     {expr(kReal, depth - 1), expr(kReal, depth - 1)});
    case 5: {
      const Type t = element_type();
      return b_.expr(chance(50) ? Op::eq : Op::ne, kBool, {expr(t, depth - 1), expr(t, depth - 1)});
    }
    case 6: return b_.expr(Op::known, kBool, {expr(chance(50) ? kItem : kSid, depth - 1)});
    default: {
      const Type t = element_type();
      return b_.expr(Op::contains, kBool, {list(t, depth - 1), expr(t, depth - 1)});
    }
  }
}

ExprId Generator::integer(int depth) {
  if (depth == 0) return leaf(kInt);
  static constexpr Op kBinary[] = {Op::add, Op::sub, Op::mul, Op::min, Op::max};
  switch (pick(7)) {
    case 0: return b_.expr(Op::column, kInt, {expr(chance(70) ? kItem : kInt, depth - 1)}, kYear);
    case 1: return b_.expr(Op::column, kInt, {expr(kEvent, depth - 1)}, kAt);
    case 2: return b_.expr(Op::length, kInt, {list(element_type(), depth - 1)});
    case 3: return b_.expr(Op::length, kInt, {expr(kText, depth - 1)});
    case 4: return b_.expr(Op::floor, kInt, {expr(kReal, depth - 1)});
    case 5: return b_.expr(Op::neg, kInt, {expr(kInt, depth - 1)});
    default:
      return b_.expr(kBinary[pick(std::size(kBinary))], kInt,
                     {expr(kInt, depth - 1), expr(kInt, depth - 1)});
  }
}

ExprId Generator::real(int depth) {
  if (depth == 0) return leaf(kReal);
  static constexpr Op kBinary[] = {Op::add, Op::sub, Op::mul, Op::div, Op::min, Op::max, Op::pow};
  static constexpr Op kUnary[] = {Op::neg, Op::cos, Op::exp, Op::log, Op::log2, Op::floor};
  switch (pick(4)) {
    case 0: return b_.expr(Op::column, kReal, {expr(kItem, depth - 1)}, kScore);
    case 1: return b_.expr(Op::to_real, kReal, {expr(kInt, depth - 1)});
    case 2: return b_.expr(kUnary[pick(std::size(kUnary))], kReal, {expr(kReal, depth - 1)});
    default:
      return b_.expr(kBinary[pick(std::size(kBinary))], kReal,
                     {expr(kReal, depth - 1), expr(chance(30) ? kInt : kReal, depth - 1)});
  }
}

ExprId Generator::text(int depth) {
  if (depth == 0) return leaf(kText);
  switch (pick(4)) {
    case 0: return b_.expr(Op::column, kText, {expr(chance(70) ? kItem : kInt, depth - 1)}, kTitle);
    case 1:
      return b_.expr(Op::concat, kText,
                     {expr(kText, depth - 1), expr(kInt, depth - 1), expr(kReal, depth - 1),
                      expr(kText, depth - 1)});
    case 2: {
      static constexpr Type kTypes[] = {kText, kInt, kReal};
      return b_.expr(Op::join, kText, {list(kTypes[pick(3)], depth - 1), expr(kText, depth - 1)});
    }
    default: return const_text();
  }
}

ExprId Generator::sid(int depth) {
  if (depth > 0 && chance(20))
    return b_.expr(Op::if_, kSid,
                   {boolean(depth - 1), expr(kSid, depth - 1), expr(kSid, depth - 1)});
  return b_.expr(Op::sid, kSid, {expr(kItem, depth == 0 ? 0 : depth - 1)},
                 static_cast<int64_t>(pick(2)));
}

ExprId Generator::list(Type element, int depth) {
  if (chance(80)) return remember(fresh_list(element, depth), list_of(element), depth);
  return expr(list_of(element), depth);
}

ExprId Generator::fresh_list(Type element, int depth) {
  const Type type = list_of(element);
  if (depth == 0) return leaf(type);
  switch (pick(7)) {
    case 0: return loop(Op::map, type, depth);
    case 1: return loop(Op::filter, type, depth);
    case 2: return loop(Op::flat_map, type, depth);
    case 3:
      return b_.expr(chance(50) ? Op::first : Op::last, type,
                     {list(element, depth - 1), expr(kInt, depth - 1)});
    case 4:
      if (element == kText || element == kInt || element == kItem)
        return b_.expr(Op::most_common, type, {list(element, depth - 1), expr(kInt, depth - 1)});
      return loop(Op::map, type, depth);
    case 5: {
      if (element == kSid || element == kBool) return loop(Op::map, type, depth);
      const ExprId from = list(element, depth - 1);
      const ExprId n = expr(kInt, depth - 1);
      return b_.expr(Op::sample, type, {from, n}, b_.new_var());
    }
    default: return leaf(type);
  }
}

ExprId Generator::loop(Op op, Type type, int depth) {
  const Type element{type.element};
  const Type source = op == Op::filter ? element : element_type();
  const ExprId from = list(source, depth - 1);
  const Type body = op == Op::map ? element : op == Op::filter ? kBool : type;
  int32_t var = 0;
  const ExprId inner = with_var(source, &var, body, depth - 1);
  return b_.expr(op, type, {from, inner}, var);
}

ExprId Generator::with_var(Type element, int32_t* var, Type body, int depth) {
  *var = b_.new_var();
  const size_t outside = scope_.size();
  scope_.push_back({*var, element});
  const ExprId inner = expr(body, depth);
  scope_.resize(outside);
  return inner;
}

}  // namespace rexp::testing
