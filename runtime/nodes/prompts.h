// The prompts of a protocol: one per row, in the model's tokens, none longer than what the model was trained with.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/abi/window.h"
#include "runtime/nodes/bind.h"

namespace rexp::nodes {

struct PromptInput {
  std::shared_ptr<const text::Tokenizer> tokenizer;
  SidBases bases;
  text::Window window;  // prompt and answer together
  int64_t answer = 0;   // tokens of an answer
};

using Prompts = std::vector<std::vector<int32_t>>;

/// Ids of the full tokenizer. How many prompts were shortened becomes a note of the node. User errors: a row that does not fit.
Result<Prompts> render_prompts(NodeContext& context, const PromptInput& input,
                               const data::Rows& rows);

}  // namespace rexp::nodes
