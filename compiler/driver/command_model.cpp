// Commands on model folders: no plan, no store, only the runtime library.
#include <nlohmann/json.hpp>

#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"
#include "compiler/driver/runtime_library.h"

namespace rexp::driver {

namespace {

int run_command(const std::string& name, const nlohmann::json& arguments,
                const std::optional<std::string>& device, bool json) {
  auto library = RuntimeLibrary::open();
  if (!library) return report(library.error(), json);
  nlohmann::json options = {{"progress", "none"}};
  if (device) options["device"] = *device;
  RexpRun* run = library->open_run(options);
  nlohmann::json error = library->error(run);
  if (error.is_null() && library->command(run, name, arguments) != REXP_OK)
    error = library->error(run);
  library->close_run(run);
  return error.is_null() ? kOk : report_runtime(error, json);
}

}  // namespace

int score(const ScoreArguments& arguments) {
  return run_command(
      "score", {{"model", arguments.model}, {"tokens", arguments.tokens}, {"json", arguments.json}},
      arguments.device, arguments.json);
}

int decode(const DecodeArguments& arguments) {
  return run_command("decode",
                     {{"model", arguments.model},
                      {"catalogue", arguments.catalog},
                      {"prompts", arguments.prompts},
                      {"beams", arguments.beams},
                      {"score", arguments.score},
                      {"unconstrained", arguments.unconstrained},
                      {"exact", arguments.exact}},
                     arguments.device, arguments.json);
}

}  // namespace rexp::driver
