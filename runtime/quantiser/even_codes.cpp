#include "runtime/quantiser/even_codes.h"

#include <ATen/core/grad_mode.h>

#include <map>

#include "runtime/quantiser/tensors.h"

namespace rexp::quantiser {
namespace {

using codebook::Vectors;
using Codes = std::vector<std::vector<int32_t>>;

/// What is left of every vector for the last level.
at::Tensor last_residuals(const codebook::Quantiser& quantiser, const Vectors& vectors) {
  Vectors residual = quantiser.latent(vectors);
  Codes codes(static_cast<size_t>(vectors.rows));
  for (size_t level = 0; level + 1 < quantiser.centroids.size(); ++level)
    codebook::Quantiser::take_level(quantiser.centroids[level], &residual, &codes);
  return to_tensor(residual);
}

/// Items that share their codes, group by group.
std::vector<std::vector<int64_t>> collisions(const Codes& codes) {
  std::map<std::vector<int32_t>, std::vector<int64_t>> groups;
  for (size_t item = 0; item < codes.size(); ++item)
    groups[codes[item]].push_back(static_cast<int64_t>(item));
  std::vector<std::vector<int64_t>> out;
  for (auto& [code, items] : groups) {
    if (items.size() > 1) out.push_back(std::move(items));
  }
  return out;
}

}  // namespace

int64_t spread_collisions(const codebook::Quantiser& quantiser, const Vectors& vectors,
                          const SinkhornOptions& options, Codes* codes) {
  at::NoGradGuard no_grad;
  const Codes before = *codes;
  const at::Tensor residuals = last_residuals(quantiser, vectors),
                   centroids = to_tensor(quantiser.centroids.back());
  for (int round = 0; round < kSpreadRounds; ++round) {
    const std::vector<std::vector<int64_t>> groups = collisions(*codes);
    if (groups.empty()) break;
    for (const std::vector<int64_t>& items : groups) {
      const at::Tensor rows = residuals.index_select(0, at::tensor(items, at::kLong));
      const at::Tensor chosen =
          sinkhorn(at::cdist(rows, centroids).square(), options).argmax(1).contiguous();
      for (size_t i = 0; i < items.size(); ++i)
        (*codes)[items[i]].back() = static_cast<int32_t>(chosen.const_data_ptr<int64_t>()[i]);
    }
  }
  int64_t moved = 0;
  for (size_t item = 0; item < codes->size(); ++item) moved += (*codes)[item] != before[item];
  return moved;
}

}  // namespace rexp::quantiser
