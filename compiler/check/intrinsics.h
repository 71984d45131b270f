// The library functions of intrinsics.def, found once by name.
//
//   e.intrinsics.of(made.operation) == Intrinsic::part_windows
#pragma once

#include <map>

#include "compiler/check/program.h"

namespace rexp::check {

enum class Intrinsic : uint8_t {
#define REXP_INTRINSIC(id, module, receiver, name) id,
#define REXP_OPERATION(id, module, receiver, name) id,
#include "compiler/check/intrinsics.def"
  none
};

/// Whether the compiler computes it, of constants and per row; every other library function is an operation of the run.
bool is_computed(Intrinsic which);

class Intrinsics {
 public:
  explicit Intrinsics(const Program& program);
  /// Which one a declaration is; `none` for all others.
  Intrinsic of(Symbol symbol) const;
  /// Its declaration; not valid when its module is not loaded.
  Symbol operator[](Intrinsic which) const { return symbols_[static_cast<size_t>(which)]; }

 private:
  Symbol symbols_[static_cast<size_t>(Intrinsic::none)];
  std::map<Symbol, Intrinsic> by_symbol_;
};

}  // namespace rexp::check
