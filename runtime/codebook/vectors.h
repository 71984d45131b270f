// One vector per item: what semantic ids are learnt from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::codebook {

struct Vectors {
  int64_t rows = 0;
  int32_t size = 0;
  std::vector<float> values;  // [rows, size]
  const float* row(int64_t i) const { return values.data() + i * size; }
  float* row(int64_t i) { return values.data() + i * size; }
};

/// Between two vectors; doubles tell apart what is nearly as far.
template <class Sum>
Sum squared_distance(const float* a, const float* b, int32_t size) {
  Sum sum = 0;
  for (int32_t d = 0; d < size; ++d) {
    const Sum difference = a[d] - b[d];
    sum += difference * difference;
  }
  return sum;
}

// vectors.bin: rows (int64), size (int32), count (uint64), float32 values, in the frame of
// runtime/store/binary.h.
Status save(const Vectors& vectors, const std::string& path);
Result<Vectors> load_vectors(const std::string& path);

}  // namespace rexp::codebook
