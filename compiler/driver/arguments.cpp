#include "compiler/driver/arguments.h"

namespace rexp::driver {

void add_json_option(Command& command, bool& json, const char* text) {
  command.flag("--json", json, text);
}

void add_store_option(Command& command, std::optional<std::string>& store) {
  command.text("--store", store, "folder of artifacts and runs (default: $REXP_STORE or .rexp)");
}

void add_device_option(Command& command, std::optional<std::string>& device) {
  command.choice("--device", device, {"cpu", "cuda"}, "cpu or cuda (default: what is there)");
}

void add_compile_options(Command& command, CompileArguments& arguments) {
  command.text("file", arguments.file, "experiment file (.rexp)", Given::must_be);
  add_json_option(command, arguments.json);
  command.texts("--set", arguments.overrides,
                "override a value: path=expression (may be repeated)");
}

void add_run_options(Command& command, RunArguments& arguments) {
  add_store_option(command, arguments.store);
  add_device_option(command, arguments.device);
  command.count(
      "--threads", arguments.threads, 0,
      "threads of tensor operations (default: all cores, shared by the processes of this machine)");
}

}  // namespace rexp::driver
