// Recommenders that are counted: what all of them share, and the adapter to base Recommender.
//
//   REXP_REGISTER(Recommender, markov, fit_counted<fit>, open_counted<score, Reads{.rows = true}>)      // at the end of markov.cpp
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/baseline/recommender.h"

namespace rexp::baseline {

struct Counted {
  int64_t history = 0;           // newest events of a history that count, 0 for all
  std::vector<int64_t> counts;   // train events of every item
  std::vector<int64_t> offsets;  // [items + 1], empty where items have no rows
  std::vector<int32_t> index;    // row i: items that follow i, or neighbours of i
  std::vector<double> weight;
  std::vector<double> factors;    // of a component's formula
  std::vector<float> directions;  // [items, size], empty where items have no vectors

  struct Neighbour {
    int32_t item;
    double weight;
  };
  void push_row(const std::vector<Neighbour>& row);
  /// scores += factor * row of `item`
  void add_row(int64_t item, double factor, std::vector<double>* scores) const;
};

/// Fills what is not in `counted` yet: counts are.
using CountedFit = Status (*)(const nlohmann::json& args, FitInput& in, Counted* counted);
/// Adds to the scores of all items, which are 0.
using CountedScore = void (*)(const Counted& counted, std::span<const int32_t> history,
                              std::vector<double>* scores);

/// What a score looks at beside the counts.
struct Reads {
  bool rows = false, directions = false;
  int64_t factors = 0;
};

Status fit_counted_by(CountedFit fit, const nlohmann::json& args, FitInput& in,
                      const std::string& folder);
Result<std::unique_ptr<Scorer>> open_counted_by(CountedScore score, const Reads& reads,
                                                const std::string& folder);

template <CountedFit Fit>
Status fit_counted(const nlohmann::json& args, FitInput& in, const std::string& folder) {
  return fit_counted_by(Fit, args, in, folder);
}
template <CountedScore Score, Reads What = Reads{}>
Result<std::unique_ptr<Scorer>> open_counted(const std::string& folder,
                                             const std::string& /*device*/) {
  return open_counted_by(Score, What, folder);
}

}  // namespace rexp::baseline
