// Items with equal codes get codes of their own: among the items that share all codes but the last, last codes are given anew so
// that each has its own and all together lie as near to their centroids as can be (an assignment problem). No level is added.
//
//   [3, 7]  [3, 7]  [3, 9]    ->    [3, 7]  [3, 12]  [3, 9]
//
// More items behind one prefix than the last level has codes: the farthest go to the next nearest code of the level before, where there
// is room.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/quantiser.h"

namespace rexp::codebook {

/// What stays as it is: items, none where it is empty, and codes that nobody gets, theirs among them.
struct Kept {
  std::vector<bool> items;
  std::vector<std::vector<int32_t>> codes;
};

/// Changes `codes`, which `quantiser` gave `vectors`; how many items have others than before. User error: more items than codes.
Result<int64_t> reassign(const Quantiser& quantiser, const Vectors& vectors, const Kept& kept,
                         std::vector<std::vector<int32_t>>* codes);

}  // namespace rexp::codebook
