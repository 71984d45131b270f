// What `rexp eval` prints; `rexp check --emit value` prints all of it.
#pragma once

#include <string>

#include "compiler/driver/arguments.h"

namespace rexp::driver {

struct EvalArguments : CompileArguments {
  /// A declaration, a field of one (`tune.optimizer`), an experiment or a sweep; empty: all of them.
  std::string name = {};
  std::string format = "text";  // "text", "json", "yaml"
};

/// The exit code.
int eval(const EvalArguments& arguments);

}  // namespace rexp::driver
