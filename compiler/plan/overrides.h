// `--set path=expression`: the right side is read as an expression of the program's main file.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/check.h"

namespace rexp::plan {

/// "tune.optimizer.lr", as a file of its own so that messages can show it.
ast::Path read_path(const std::string& text, check::Program& program);
/// "tune.length=100 steps"; nothing after a diagnostic.
/// `origin` is what messages call it.
std::optional<check::Assignment> read_override(const std::string& text, check::Program& program,
                                               const std::string& origin = "--set");

}  // namespace rexp::plan
