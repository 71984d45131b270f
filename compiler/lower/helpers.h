// The helpers of runtime/abi/row_helpers.def as LLVM declarations, their types taken from the C declarations themselves.
#pragma once

#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Module.h>

namespace rexp::lower {

enum class Helper : uint8_t {
#define REXP_HELPER(result, name, parameters) name,
#include "runtime/abi/row_helpers.def"
#undef REXP_HELPER
};

/// The module's declaration of a helper: nounwind, and as pure as it is.
llvm::FunctionCallee declare(llvm::Module& module, Helper helper);

/// The type of a RexpRowFn.
llvm::FunctionType* row_function_type(llvm::LLVMContext& context);

}  // namespace rexp::lower
