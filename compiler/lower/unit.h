// One LLVM module in the making, with the context it lives in.
//
//   lower::Unit unit("quickstart");
//   lower::lower_function(unit, function, "next");
//   std::puts(unit.text().c_str());
//   jit->add(std::move(unit));
#pragma once

#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace rexp::lower {

class Unit {
 public:
  explicit Unit(const std::string& name);
  Unit(Unit&&) noexcept;
  ~Unit();

  llvm::LLVMContext& context() { return *context_; }
  llvm::Module& module() { return *module_; }
  /// The module as LLVM assembly.
  std::string text() const;

  std::unique_ptr<llvm::LLVMContext> take_context();
  std::unique_ptr<llvm::Module> take_module();  // before take_context()

 private:
  std::unique_ptr<llvm::LLVMContext> context_;
  std::unique_ptr<llvm::Module> module_;
};

}  // namespace rexp::lower
