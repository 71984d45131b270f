// The prompts of `rexp decode`: JSON Lines of matrix rows.
//
//   {"tokens": [1, 17, 4]}
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::decode {

/// A prompt per line that is not blank. Errors name the line: not JSON, no list `tokens`, an empty one, a token that is none of the
/// model's `rows`.
Result<std::vector<std::vector<int64_t>>> read_prompts(const std::string& path, int64_t rows);

}  // namespace rexp::decode
