// JSON as YAML, for tools that want it: `rexp eval --format yaml`.
#pragma once

#include <string>

#include "runtime/base/json.h"

namespace rexp::driver {

/// Block style; texts that YAML could read as something else are quoted.
std::string to_yaml(const nlohmann::ordered_json& value);

}  // namespace rexp::driver
