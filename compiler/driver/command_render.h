// What `rexp render` was asked for.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/driver/arguments.h"

namespace rexp::driver {

struct RenderArguments : RunArguments {
  std::string name;  // of the template
  int64_t row = 0;
  std::string variant;  // empty: as drawn; "all": every wording
  std::string as;       // "train", "ask"; empty: as trained, else as asked
  std::string in;       // the task or the protocol; empty: the first that uses the template
  bool tokens = false, mask = false;
};

}  // namespace rexp::driver
