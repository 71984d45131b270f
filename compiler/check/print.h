// The typed tree as text: one line per expression, in the order of the file (`rexp check --emit types`).
//
//   12:21 h.sid: [Sid], past, row, codebook of each
#pragma once

#include <string>

#include "compiler/check/typed.h"

namespace rexp::check {

std::string print_types(Program& program, const Typed& typed, ModuleId module);

}  // namespace rexp::check
