// Renders one row of a task with the interpreter, from artifacts in the store; no tensor is needed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/plan/compile.h"
#include "runtime/base/result.h"

namespace rexp::driver {

struct RenderedRow {
  int64_t rows = 0;  // of the task
  std::vector<int32_t> ids;
  std::vector<uint8_t> trained, levels;
  std::vector<std::string> texts;  // of each token
};

/// Error: a row beyond the task's rows.
Result<RenderedRow> render_row(const plan::RenderTarget& target, const std::string& root,
                               int64_t row);

}  // namespace rexp::driver
