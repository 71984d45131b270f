#include "compiler/lower/unit.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

namespace rexp::lower {

Unit::Unit(const std::string& name)
    : context_(std::make_unique<llvm::LLVMContext>()),
      module_(std::make_unique<llvm::Module>(name, *context_)) {}
Unit::Unit(Unit&&) noexcept = default;
Unit::~Unit() = default;

std::string Unit::text() const {
  std::string out;
  llvm::raw_string_ostream stream(out);
  module_->print(stream, nullptr);
  return out;
}

std::unique_ptr<llvm::LLVMContext> Unit::take_context() { return std::move(context_); }
std::unique_ptr<llvm::Module> Unit::take_module() { return std::move(module_); }

}  // namespace rexp::lower
