// `--set path=expression`: the right side is read as an expression of the program's main file.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/check.h"

namespace rexp::plan {

/// "tune.length=100 steps"; nothing after a diagnostic.
std::optional<check::Assignment> read_override(const std::string& text, check::Program& program);

}  // namespace rexp::plan
