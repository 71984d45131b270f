#include <algorithm>

#include "compiler/interp/interpreter.h"
#include "runtime/base/assert.h"

namespace rexp::interp {

using row::Expr;
using row::ExprId;
using row::Op;

List Interpreter::list(ExprId id) {
  if (!sharing_.shared(f_, id)) return compute_list(at(id));
  List& kept = lists_[static_cast<size_t>(id)];
  if (fresh(id)) kept = compute_list(at(id));
  return kept;
}

List Interpreter::compute_list(const Expr& e) {
  List out;
  switch (e.op) {
    case Op::range:
      for (int64_t i = row_[e.number]; i < row_[e.number + 1]; ++i) out.push_back(of(i));
      return out;
    case Op::column: return texts(e);
    case Op::make_list:
      for (ExprId arg : e.args) out.push_back(value(arg));
      return out;
    case Op::first:
    case Op::last: return cut(e);
    case Op::most_common:
    case Op::sample: return chosen(e);
    case Op::if_: return list(e.args[value(e.args[0]).a != 0 ? 1 : 2]);
    case Op::map:
    case Op::filter:
    case Op::flat_map: return walk(e);
    default: REXP_ASSERT(false, "an operation that gives no list");
  }
}

List Interpreter::walk(const Expr& e) {
  List out;
  for (Value element : list(e.args[0])) {
    bind(e.number, element);
    if (e.op == Op::map) {
      out.push_back(value(e.args[1]));
    } else if (e.op == Op::filter) {
      if (value(e.args[1]).a != 0) out.push_back(element);
    } else {
      const List inner = list(e.args[1]);
      out.insert(out.end(), inner.begin(), inner.end());
    }
  }
  return out;
}

List Interpreter::texts(const Expr& e) {
  const RexpColumn& c = context_.columns[e.number];
  const int64_t index = value(e.args[0]).a;
  List out;
  if (index < 0 || index >= c.rows) return out;
  for (int64_t i = c.list_offsets[index]; i < c.list_offsets[index + 1]; ++i)
    out.push_back(text_in(c, i));
  return out;
}

List Interpreter::cut(const Expr& e) {
  const List all = list(e.args[0]);
  const auto size = static_cast<int64_t>(all.size());
  const int64_t n = std::clamp<int64_t>(value(e.args[1]).a, 0, size);
  return e.op == Op::first ? List(all.begin(), all.begin() + n) : List(all.end() - n, all.end());
}

List Interpreter::chosen(const Expr& e) {
  List all = list(e.args[0]);
  const auto size = static_cast<int64_t>(all.size());
  const RexpList in{all.data(), size, size};
  const int64_t n = value(e.args[1]).a;
  RexpList out{};
  if (e.op == Op::sample) {
    rexp_rk_sample(sink_, &in, n, stream_, static_cast<uint64_t>(e.number), &out);
  } else if (e.type.element == row::Kind::text) {
    rexp_rk_most_common(sink_, &in, n, &out);
  } else {
    rexp_rk_most_common_numbers(sink_, &in, n, &out);
  }
  return List(out.data, out.data + out.size);
}

}  // namespace rexp::interp
