// Machine code in this process: one LLJIT for one experiment.
//
//   auto jit = Jit::create({{"rexp_rt_load", address}, ..});
//   (*jit)->add(std::move(unit));
//   auto keep = (*jit)->function<std::remove_pointer_t<RexpRowFn>>("keep");
//
// Code sees the helpers of row_helpers.def, the entry points its creator names, and the few functions that LLVM itself calls:
// each is defined one by one. The process is never searched, so a symbol that is missing is an error when the code is added and
// not a crash when it runs. Code is compiled for the host's CPU, without fast-math and without contraction. No exception
// crosses it: whatever it calls is noexcept and reports by status.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/lower/unit.h"
#include "runtime/base/result.h"

namespace rexp::jit {

/// A function that compiled code may call.
struct Symbol {
  std::string name;
  void* address = nullptr;
};

/// What LLVM calls when it gets no memory, which it cannot report; `handler` does not return.
void on_exhausted_memory(void (*handler)());

class Jit {
 public:
  /// Error (internal): LLVM knows no target for this machine, or a symbol is given twice.
  static Result<std::unique_ptr<Jit>> create(const std::vector<Symbol>& entry_points = {});
  ~Jit();

  /// Optimises a unit and adds it. Compiled when first looked up.
  Status add(lower::Unit unit);
  /// Address of a function. Error (internal): there is none, or its code names a symbol that is not defined.
  Result<void*> lookup(const std::string& name);
  template <class F>
  Result<F*> function(const std::string& name) {
    Result<void*> address = lookup(name);
    if (!address.ok()) return address.error();
    return reinterpret_cast<F*>(*address);
  }

 private:
  struct Impl;
  explicit Jit(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rexp::jit
