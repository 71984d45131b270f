#include "runtime/codebook/affine.h"

#include <algorithm>

#include "runtime/base/assert.h"
#include "runtime/codebook/parallel.h"

namespace rexp::codebook {
namespace {

constexpr int64_t kGrain = 64;

}  // namespace

Vectors Affine::of(const Vectors& x) const {
  REXP_ASSERT(x.size == weight.size, "a map is given vectors of its width");
  const auto width = static_cast<int32_t>(weight.rows);
  std::vector<float> transposed(weight.values.size());  // the inner loop runs over what comes out
  for (int32_t o = 0; o < width; ++o) {
    for (int32_t i = 0; i < weight.size; ++i)
      transposed[static_cast<size_t>(i) * width + o] = weight.row(o)[i];
  }
  Vectors y{x.rows, width, std::vector<float>(static_cast<size_t>(x.rows) * width)};
  parallel_rows(x.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      float* out = y.row(r);
      std::copy(bias.begin(), bias.end(), out);
      for (int32_t i = 0; i < weight.size; ++i) {
        const float* column = transposed.data() + static_cast<size_t>(i) * width;
        const float in = x.row(r)[i];
        for (int32_t o = 0; o < width; ++o) out[o] += in * column[o];
      }
    }
  });
  return y;
}

}  // namespace rexp::codebook
