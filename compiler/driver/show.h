// A program's values for people and for tools: what `rexp eval` prints.
#pragma once

#include <optional>
#include <string>

#include "compiler/plan/front.h"
#include "runtime/base/json.h"

namespace rexp::driver {

/// One thing that is shown: as text, and as data.
struct Shown {
  std::string text;
  nlohmann::ordered_json data;
};

/// A declaration's value, an experiment or the points of a sweep. `path` is its name, and perhaps a field: `tune.optimizer.lr`.
/// Nothing after a diagnostic.
std::optional<Shown> show(plan::Front& front, check::Symbol symbol, const std::string& path);
/// Everything of the main file that has a value.
std::optional<Shown> show_all(plan::Front& front);

}  // namespace rexp::driver
