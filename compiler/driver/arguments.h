// What the arguments of several commands have in common: each command declares its own options beside what it does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/command_line.h"

namespace rexp::driver {

/// Of commands that compile.
struct CompileArguments {
  std::string file;
  std::string experiment;              // empty: the only one, or the one named like the file
  std::vector<std::string> overrides;  // "path=expression"
  bool json = false;
};

/// Of commands that run a plan.
struct RunArguments : CompileArguments {
  std::optional<std::string> store;
  std::optional<std::string> device;
  int64_t threads = 0;
};

/// Of `rexp run`.
struct ExecutionArguments : RunArguments {
  bool quiet = false;
  int64_t checkpoint_every = 30;
  std::optional<int64_t> jobs;  // of a sweep: runs at a time
  std::optional<int64_t> only;  // of a sweep: this run, here
};

void add_json_option(Command& command, bool& json, const char* text = "machine-readable output");
void add_store_option(Command& command, std::optional<std::string>& store);
void add_device_option(Command& command, std::optional<std::string>& device);
/// The file, `--json` and `--set`.
void add_compile_options(Command& command, CompileArguments& arguments);
/// `--store`, `--device` and `--threads`.
void add_run_options(Command& command, RunArguments& arguments);

}  // namespace rexp::driver
