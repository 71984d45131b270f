// A row whose text is longer than the window: one rule for training, asking and `rexp render`.
//
//   "Seen: a b c d e f. What comes next?"      11 tokens, the window holds 8
//   "Seen: d e f. What comes next?"            the fewest oldest events are gone, the same choices, a whole prompt
//
// The row's history is its first range of events, the slots "*_begin" and "*_end"; one event of it always stays.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/text/model_facts.h"

namespace rexp::abi {

/// A row as its renderer gets it, and the renderer: how many tokens the row gives as its slots are now.
struct RenderedSlots {
  const std::vector<std::string>& names;
  std::vector<int64_t>& values;
  std::function<Result<int64_t>()> render;
};

struct Fitted {
  int64_t dropped = 0;  // oldest events that are gone
  int64_t tokens =
      0;  // of what is left: more than there is room for where one event is still too long
};

/// Leaves out the fewest oldest events such that the rest fits: a bisection, since a shorter history never prints more tokens.
/// `tokens`: of the row as it is, already rendered. What was rendered last is what is left.
Result<Fitted> drop_oldest(int64_t room, int64_t tokens, const RenderedSlots& row);

/// Renders a question: with the `answer` tokens that are asked for it must fit into the model's window. A model that was trained
/// with `refuse` is asked nothing longer; with `drop_example` the question is shortened, since none can be left out.
/// User errors name the row as `where` calls it.
Result<Fitted> render_question(const text::Window& window, int64_t answer, const std::string& where,
                               const RenderedSlots& row);

}  // namespace rexp::abi
