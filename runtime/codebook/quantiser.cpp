#include "runtime/codebook/quantiser.h"

#include <algorithm>

#include "runtime/base/assert.h"
#include "runtime/codebook/k_means.h"

namespace rexp::codebook {

int32_t Quantiser::input_size() const {
  return layers.empty() ? centroids.front().size : layers.front().weight.size;
}

std::vector<int32_t> Quantiser::level_sizes() const {
  std::vector<int32_t> sizes;
  for (const Vectors& level : centroids) sizes.push_back(static_cast<int32_t>(level.rows));
  return sizes;
}

Vectors Quantiser::latent(const Vectors& vectors) const {
  REXP_ASSERT(vectors.size == input_size(), "a quantiser is given vectors of its size");
  Vectors x = vectors;
  for (int64_t i = 0; i < x.rows && !shift.empty(); ++i) {
    for (int32_t d = 0; d < x.size; ++d) x.row(i)[d] = (x.row(i)[d] - shift[d]) * scale[d];
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    x = layers[i].of(x);
    if (i + 1 == layers.size()) break;
    for (float& value : x.values) value = std::max(value, 0.0f);
  }
  return x;
}

Result<std::vector<std::vector<int32_t>>> Quantiser::encode(const Vectors& vectors) const {
  if (vectors.size != input_size()) {
    return user_error("the vectors have " + std::to_string(vectors.size) +
                          " numbers, the quantiser was learnt on vectors of " +
                          std::to_string(input_size()),
                      "give it vectors of the kind that it was learnt on");
  }
  std::vector<std::vector<int32_t>> codes(static_cast<size_t>(vectors.rows));
  Vectors residual = latent(vectors);
  for (const Vectors& level : centroids) take_level(level, &residual, &codes);
  return codes;
}

void Quantiser::take_level(const Vectors& centroids, Vectors* residual,
                           std::vector<std::vector<int32_t>>* codes) {
  const std::vector<int32_t> of = nearest(*residual, centroids);
  for (int64_t i = 0; i < residual->rows; ++i) {
    (*codes)[i].push_back(of[i]);
    for (int32_t d = 0; d < residual->size; ++d) residual->row(i)[d] -= centroids.row(of[i])[d];
  }
}

}  // namespace rexp::codebook
