// The systems whose scores a `rank` node ranks: recommenders, the answers of a language model, and hybrids of both.
//
//   {"input": 0}                                                   a baseline's scores, or the lists of a decode node
//   {"of": [{"input": 0}, {"input": 1}], "weights": [2, 1]}        a hybrid: the weighted sum of standardised scores
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "runtime/eval/guesses.h"
#include "runtime/nodes/questions.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

class System {
 public:
  virtual ~System() = default;
  /// [count, items] of the questions [first, first + count), whose seen items are kept or dropped by the ranking.
  virtual std::vector<double> scores(size_t first, size_t count, eval::Seen seen) const = 0;
  /// Whether the scores hang on what the ranking does with seen items, as a search does.
  virtual bool heeds_seen() const { return false; }
};

/// `asked` outlives the system. Error: lists of other rows.
Result<std::unique_ptr<System>> open_system(NodeContext& context, const nlohmann::json& system,
                                            const Asked& asked);

/// Brings scores to mean 0 and deviation 1; to 0 where all are equal.
void standardise(std::span<double> scores);

}  // namespace rexp::nodes
