// Which example comes at which position of a stage's stream, as a function of the position alone.
//
//   mixture corpus { reading = 1x; anchoring = 2x }       copies: a block is every row of `reading` once and of `anchoring` twice
//   mixture lessons { next = 20%; reading = 80% }         shares: a block is 1000 positions, 200 and 800 of them
//
// Position p lies in block B = p / size at place p mod size. The places of a block are shuffled by a permutation keyed by B and cut
// by the tasks' quotas, which gives the task and its t-th draw in the block: draw k = B * quota + t of that task. Draw k is row
// permute(rows, k mod rows) under a key of (task, k / rows), so every row of a task is seen once before any is seen again.
//
//   block key = stream(stream(s, 0), B)        row key = stream(stream(s, 1 + task), k / rows)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::row {

enum class MixtureUnit : uint8_t { copies, shares };

struct Mixture {
  MixtureUnit unit = MixtureUnit::copies;
  std::vector<double> weights;  // in the order of the tasks
};

/// Positions in a block of shares.
inline constexpr int64_t kShareBlock = 1000;

/// What each task gets of kShareBlock positions: largest remainder (Hamilton), ties to the earlier task.
std::vector<int64_t> share_quotas(const std::vector<double>& weights);

/// Copies: round(weight * rows), half away from zero.
int64_t copy_quota(double weight, int64_t rows);

/// Error (internal): unknown unit, no weight, a negative weight, or only zeros.
Result<Mixture> make_mixture(const std::string& unit, std::vector<double> weights);

}  // namespace rexp::row
