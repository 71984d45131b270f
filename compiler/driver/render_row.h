// Renders one row with the interpreter, from artifacts in the store, as the model that trains on it or is asked with it gets it: its
// tokens, its chat format, the tokens of its codebooks, the draws of its stage. No tensor is needed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/jit/plan_driver.h"
#include "compiler/plan/render.h"
#include "runtime/base/result.h"

namespace rexp::driver {

struct RenderedRow {
  int64_t rows = 0;  // of the task
  int64_t position =
      -1;  // of the row in the stage's stream; -1: it has none, or its turn comes too late to be looked for
  int64_t window = 0;   // tokens that the model takes; 0: nobody says
  int64_t dropped = 0;  // oldest events that did not fit into it
  std::vector<int32_t> ids;
  std::vector<uint8_t> trained, levels;
  std::vector<std::string> texts;  // of each token
};

/// Error: a row beyond the task's rows.
Result<RenderedRow> render_row(const plan::RenderTarget& target, const std::string& root,
                               const jit::Voice& voice, int64_t row);

}  // namespace rexp::driver
