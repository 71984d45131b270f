#include "compiler/driver/arguments.h"

#include <CLI/CLI.hpp>

namespace rexp::driver {

void add_json_option(CLI::App& command, bool& json, const char* text) {
  command.add_flag("--json", json, text);
}

void add_store_option(CLI::App& command, std::optional<std::string>& store) {
  command.add_option("--store", store,
                     "folder of artifacts and runs (default: $REXP_STORE or .rexp)");
}

void add_device_option(CLI::App& command, std::optional<std::string>& device) {
  command.add_option("--device", device, "cpu or cuda (default: what is there)")
      ->check(CLI::IsMember({"cpu", "cuda"}));
}

void add_compile_options(CLI::App& command, CompileArguments& arguments) {
  command.add_option("file", arguments.file, "experiment file (.rexp)")->required();
  add_json_option(command, arguments.json);
  command
      .add_option("--set", arguments.overrides,
                  "override a value: path=expression (may be repeated)")
      ->expected(1)
      ->take_all();
}

void add_run_options(CLI::App& command, RunArguments& arguments) {
  add_store_option(command, arguments.store);
  add_device_option(command, arguments.device);
  command
      .add_option("--threads", arguments.threads,
                  "threads of tensor operations (default: all cores)")
      ->check(CLI::NonNegativeNumber);
}

}  // namespace rexp::driver
