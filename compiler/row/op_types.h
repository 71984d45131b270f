// What every operation takes and gives.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/row/row_tree.h"

namespace rexp::row {

/// What is wrong with an operation on arguments of these types, or an empty text. Not for loops and variables, whose types depend
/// on what they bind (verify.cpp).
std::string_view type_fault(const RowFunction& function, const Expr& e,
                            const std::vector<Type>& args);

inline bool is(Type t, Kind kind) { return t.kind == kind; }
inline bool numeric(Type t) { return is(t, Kind::integer) || is(t, Kind::real); }
inline bool printable(Type t) { return numeric(t) || is(t, Kind::text); }
/// Stands for a row of a table.
inline bool indexes(Type t) {
  return is(t, Kind::integer) || is(t, Kind::item) || is(t, Kind::event);
}

}  // namespace rexp::row
