// A new line ends a case of a `match`, so that a case may begin with any value:
//
//   match (x) {
//     a => f
//     (b) => g          <- not the call `f(b)`
//   }
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "antlr4-runtime.h"

namespace rexp::parse {

/// Puts a `,` (made by `comma` at a given token) before each line that begins a case and has none.
/// A line that begins with an operator, with `.` or with the `else` of an `if` goes on with the
/// line above.
void separate_cases(
    std::vector<std::unique_ptr<antlr4::Token>>& tokens,
    const std::function<std::unique_ptr<antlr4::Token>(const antlr4::Token&)>& comma);

}  // namespace rexp::parse
