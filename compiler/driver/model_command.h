// Commands on model folders, which the runtime library carries out: no plan, no store.
#pragma once

#include <optional>
#include <string>

#include "runtime/base/json.h"

namespace rexp::driver {

/// The exit code.
int model_command(const std::string& name, const nlohmann::json& arguments,
                  const std::optional<std::string>& device, bool json);

}  // namespace rexp::driver
