// The invariants that the interpreter and `lower` rely on, checked once where a row function comes from.
//
//   const std::string problem = row::verify(function);
//   REXP_ASSERT(problem.empty(), problem.c_str());
#pragma once

#include <string>

#include "compiler/row/row_tree.h"

namespace rexp::row {

/// What is wrong with `function` ("expression 7 (add): argument 0 is text"), or an empty text. Checks the types of arguments
/// and results, that slots, columns, codebooks and variables are in range, bound where they are read, and bound by one loop
/// or choice each, that expressions have no cycle and statements are a tree, with the bodies ops.def says. Linear.
std::string verify(const RowFunction& function);

/// True where no `turn` is left: the function can run.
bool woven(const RowFunction& function);

}  // namespace rexp::row
