// One file per command of `rexp`: command_<name>.cpp declares its options and does what it is for.
#pragma once

#include "compiler/driver/command_line.h"

namespace rexp::driver {

/// Declares a command below `program`; when it is the one that was given, it is carried out.
using AddCommand = void(Command& program);

AddCommand add_check, add_eval, add_run, add_explain, add_why, add_render, add_runs, add_show,
    add_store, add_help, add_tokenize, add_model, add_decode;

}  // namespace rexp::driver
