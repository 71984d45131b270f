#include "compiler/lower/helpers.h"

#include <llvm/IR/Function.h>
#include <llvm/Support/ModRef.h>

#include <array>
#include <string_view>
#include <type_traits>

#include "runtime/abi/row_helpers.h"

namespace rexp::lower {
namespace {

template <class T>
llvm::Type* type_of(llvm::LLVMContext& context) {
  if constexpr (std::is_void_v<T>) {
    return llvm::Type::getVoidTy(context);
  } else if constexpr (std::is_pointer_v<T>) {
    return llvm::PointerType::getUnqual(context);
  } else if constexpr (std::is_same_v<T, double>) {
    return llvm::Type::getDoubleTy(context);
  } else {
    static_assert(std::is_integral_v<T>, "a helper's parameter has no LLVM type");
    return llvm::Type::getIntNTy(context, 8 * sizeof(T));
  }
}

template <class R, class... A>
llvm::FunctionType* signature(llvm::LLVMContext& context, R (*)(A...) noexcept) {
  return llvm::FunctionType::get(type_of<R>(context), {type_of<A>(context)...}, false);
}

constexpr std::string_view kNames[] = {
#define REXP_HELPER(result, name, parameters) #name,
#include "runtime/abi/row_helpers.def"
#undef REXP_HELPER
};

llvm::FunctionType* type_of_helper(llvm::LLVMContext& context, Helper helper) {
  switch (helper) {
#define REXP_HELPER(result, name, parameters) \
  case Helper::name: return signature(context, static_cast<result(*) parameters noexcept>(nullptr));
#include "runtime/abi/row_helpers.def"
#undef REXP_HELPER
  }
  return nullptr;
}

void describe(llvm::Function* function, Helper helper) {
  function->setDoesNotThrow();
  function->setWillReturn();
  for (llvm::Argument& argument : function->args()) {
    if (argument.getType()->isIntegerTy(8)) argument.addAttr(llvm::Attribute::ZExt);
  }
  switch (helper) {
    case Helper::rexp_rk_cos:
    case Helper::rexp_rk_exp:
    case Helper::rexp_rk_log:
    case Helper::rexp_rk_log2:
    case Helper::rexp_rk_pow:
    case Helper::rexp_rk_permute:
    case Helper::rexp_rk_stream: function->setMemoryEffects(llvm::MemoryEffects::none()); break;
    case Helper::rexp_rk_choose:
    case Helper::rexp_rk_text_compare:
    case Helper::rexp_rk_text_length:
      function->setMemoryEffects(llvm::MemoryEffects::readOnly());
      break;
    default: break;
  }
}

}  // namespace

llvm::FunctionCallee declare(llvm::Module& module, Helper helper) {
  const std::string_view name = kNames[static_cast<size_t>(helper)];
  if (llvm::Function* known = module.getFunction(name)) return known;
  auto* function = llvm::Function::Create(type_of_helper(module.getContext(), helper),
                                          llvm::Function::ExternalLinkage, name, module);
  describe(function, helper);
  return function;
}

llvm::FunctionType* row_function_type(llvm::LLVMContext& context) {
  auto* pointer = llvm::PointerType::getUnqual(context);
  return llvm::FunctionType::get(llvm::Type::getInt32Ty(context),
                                 {pointer, pointer, llvm::Type::getInt64Ty(context), pointer},
                                 false);
}

}  // namespace rexp::lower
