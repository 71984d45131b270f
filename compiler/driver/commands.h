// One file per command of `rexp`: command_<name>.cpp declares its options and does what it is for.
#pragma once

namespace CLI {
class App;
}

namespace rexp::driver {

/// Declares a command; when it is the one that was given, it is carried out and its exit code goes to `status`, which outlives
/// the parsing.
using AddCommand = void(CLI::App& app, int& status);

AddCommand add_check, add_eval, add_run, add_explain, add_render, add_runs, add_help, add_tokenize,
    add_model, add_decode;

}  // namespace rexp::driver
