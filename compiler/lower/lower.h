// Row functions become machine code.
//
//   keep users where h.length >= 5        ->   define i32 @keep(ptr %context, ptr %row, i64 %stream, ptr %sink)
//                                                %length = sub i64 %end, %begin
//                                                %keeps = icmp sle i64 5, %length ...
//
// The code equals compiler/interp to the last bit: no fast-math flag, no contraction, and whatever libm, a formatter or a
// generator decides is a call of runtime/abi/row_helpers.h. What makes it quick: a list is a loop over its source with the maps and
// filters inlined into the loop body (lists.cpp), texts are printed without being built, columns are read in place.
#pragma once

#include <string>

#include "compiler/lower/unit.h"
#include "compiler/row/mixture.h"
#include "compiler/row/row_tree.h"

namespace llvm {
class Function;
}

namespace rexp::lower {

/// Defines a RexpRowFn named `symbol` in the unit. `function` is verified and woven.
llvm::Function* lower_function(Unit& unit, const row::RowFunction& function,
                               const std::string& symbol);

/// Likewise a mixture kernel: slots position, rows of task 0, rows of task 1, ..; the value is abi::pack(draw).
llvm::Function* lower_mixture(Unit& unit, const row::Mixture& mixture, const std::string& symbol);

}  // namespace rexp::lower
