// Items with equal codes get others of the last level where there is room (LC-Rec): every group of them is assigned evenly
// by Sinkhorn, round by round, as two groups may meet. Whoever is left keeps sharing.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/codebook/quantiser.h"
#include "runtime/quantiser/sinkhorn.h"

namespace rexp::quantiser {

inline constexpr int kSpreadRounds = 20;

/// Changes last codes in `codes`, which `quantiser` gave `vectors`; how many items have another one than before.
int64_t spread_collisions(const codebook::Quantiser& quantiser, const codebook::Vectors& vectors,
                          const SinkhornOptions& options, std::vector<std::vector<int32_t>>* codes);

}  // namespace rexp::quantiser
