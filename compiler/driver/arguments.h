// What the arguments of several commands have in common: each command declares its own options beside what it does.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

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
  int threads = 0;
};

void add_json_option(CLI::App& command, bool& json, const char* text = "machine-readable output");
void add_store_option(CLI::App& command, std::optional<std::string>& store);
void add_device_option(CLI::App& command, std::optional<std::string>& device);
/// The file, `--json` and `--set`.
void add_compile_options(CLI::App& command, CompileArguments& arguments);
/// `--store`, `--device` and `--threads`.
void add_run_options(CLI::App& command, RunArguments& arguments);

}  // namespace rexp::driver
