// The library functions of intrinsics.def, found once by name.
//
//   e.intrinsics.of(made.operation) == Intrinsic::part_windows
#pragma once

#include <map>

#include "compiler/check/program.h"

namespace rexp::eval {

enum class Intrinsic : uint8_t {
#define REXP_INTRINSIC(id, module, receiver, name) id,
#define REXP_OPERATION(id, module, receiver, name) id,
#include "compiler/eval/intrinsics.def"
  none
};

class Intrinsics {
 public:
  explicit Intrinsics(const check::Program& program);
  /// Which one a declaration is; `none` for all others.
  Intrinsic of(check::Symbol symbol) const;
  /// Its declaration; not valid when its module is not loaded.
  check::Symbol operator[](Intrinsic which) const { return symbols_[static_cast<size_t>(which)]; }

 private:
  check::Symbol symbols_[static_cast<size_t>(Intrinsic::none)];
  std::map<check::Symbol, Intrinsic> by_symbol_;
};

}  // namespace rexp::eval
