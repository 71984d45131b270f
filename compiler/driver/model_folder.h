// What a model folder says of itself in rexp.json, beside the weights; a plain Hugging Face folder says nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>
#include "runtime/base/json.h"

namespace rexp::driver {

struct OwnedTokens {
  std::string hash;  // of the codebook
  int32_t first_id = 0, count = 0;
};
struct ModelFolder {
  bool qwen_tokenizer =
      false;  // its ids are those of Qwen's ranks; tokenizer.json beside it is for other programs
  std::vector<OwnedTokens> codebooks;
};
ModelFolder read_model_folder(const std::string& folder);

/// The folder of a model node's `site`; empty for a model that is made.
std::string folder_of(const nlohmann::json& site);

}  // namespace rexp::driver
