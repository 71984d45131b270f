// Operations of row functions that arrive with compiler/row's next version; without them R0603. To be dropped then.
#pragma once

#include <optional>

#include "compiler/row/row_tree.h"

namespace rexp::eval::to_come {

template <class O = row::Op>
constexpr std::optional<O> sample() {
  if constexpr (requires { O::sample; }) return O::sample;
  return std::nullopt;
}
template <class O = row::Op>
constexpr std::optional<O> log2() {
  if constexpr (requires { O::log2; }) return O::log2;
  return std::nullopt;
}
template <class O = row::Op>
constexpr std::optional<O> known() {
  if constexpr (requires { O::known; }) return O::known;
  return std::nullopt;
}
template <class K = row::FunctionKind>
constexpr K integer_function() {
  if constexpr (requires { K::integer_function; }) {
    return K::integer_function;
  } else {
    return K::real_function;
  }
}

}  // namespace rexp::eval::to_come
