// From the arguments of a command to what the compiler is asked for.
#pragma once

#include "compiler/driver/arguments.h"
#include "compiler/plan/options.h"
#include "runtime/base/result.h"

namespace rexp::driver {

/// Error: a folder instead of a file, a site.toml that cannot be read.
Result<plan::CompileOptions> compile_options(const CompileArguments& arguments);

}  // namespace rexp::driver
