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

// vectors.bin: rows (int64), size (int32), count (uint64), float32 values, in the frame of
// runtime/store/binary.h.
Status save(const Vectors& vectors, const std::string& path);
Result<Vectors> load_vectors(const std::string& path);

}  // namespace rexp::codebook
