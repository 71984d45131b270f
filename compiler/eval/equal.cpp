// When two values are the same. Names of declarations and places do not count.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

bool equal(Evaluator& e, const Value& a, const Value& b) {
  const auto *i = a.as<int64_t>(), *j = b.as<int64_t>();
  if (i != nullptr && j != nullptr) return *i == *j;
  const auto *m = a.as<Amount>(), *n = b.as<Amount>();
  const bool ratio =
      (m == nullptr || m->unit == TypeKind::ratio) && (n == nullptr || n->unit == TypeKind::ratio);
  if (ratio || (m != nullptr && n != nullptr && m->unit == n->unit)) {
    const auto x = number_of(a), y = number_of(b);
    if (x && y) return *x == *y;
  }
  if (a.data.index() == b.data.index() && print(e, a, true) == print(e, b, true)) return true;
  const auto *x = elements_of(a), *y = elements_of(b);
  if (x != nullptr && y != nullptr) {
    return std::equal(x->begin(), x->end(), y->begin(), y->end(),
                      [&](const Value& left, const Value& right) { return equal(e, left, right); });
  }
  return false;
}

}  // namespace rexp::eval
