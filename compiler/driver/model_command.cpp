#include "compiler/driver/model_command.h"

#include "compiler/driver/output.h"
#include "compiler/driver/runtime_library.h"

namespace rexp::driver {

int model_command(const std::string& name, const nlohmann::json& arguments,
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

}  // namespace rexp::driver
