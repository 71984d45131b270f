// How much work is worth a thread, for at::parallel_for over rows.
#pragma once

#include <algorithm>
#include <cstdint>

namespace rexp::model {

constexpr int64_t kLeastWork = 1 << 14;  // numbers read

/// Rows of `width` numbers that make up the least work.
inline int64_t grain(int64_t width) {
  return std::max<int64_t>(1, kLeastWork / std::max<int64_t>(1, width));
}

}  // namespace rexp::model
