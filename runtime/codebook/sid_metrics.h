// How good are semantic ids? One function, for our codebooks and for the index files of other
// projects.
//
//   SidReport report = measure(book, &dataset, {.labels = dataset.items.find("category")});
//   report.collision_rate           1 - distinct ids / items
//   report.levels[0].perplexity     exp(entropy) of the first codes
//   report.levels[0].lift           how much likelier neighbours in a train history share the first
//   code than chance
//
// Oracles: tests/unit/codebook_test.cpp, against published indexes of Amazon Beauty.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "runtime/codebook/codebook.h"
#include "runtime/codebook/vectors.h"
#include "runtime/data/dataset.h"

namespace rexp::codebook {

struct SidLevel {
  int32_t size = 0;                // codes of the level
  int32_t used = 0;                // codes that some item has
  double perplexity = 0;           // exp(entropy of the codes), items weighted equally
  double gini = 0;                 // inequality of the loads of the used codes; 0 is even
  double conditional_entropy = 0;  // H(code | codes before), nats
  int64_t prefixes = 0;            // distinct prefixes down to this level
  /// P(same prefix | adjacent in a train history) / sum over prefixes of (share of train events)^2.
  std::optional<double> lift;
  /// Share of items whose label is the commonest of their prefix, and the same after shuffling the
  /// labels. Read both: deep prefixes hold one item each and are pure by themselves. An item's
  /// label is the commonest, over the catalogue, of its list.
  std::optional<double> purity, purity_shuffled;
  /// Mean Jaccard index of the label lists of two items with the same prefix; of two random items.
  std::optional<double> jaccard, jaccard_random;
  /// Share of the vectors' variance that the codes down to this level explain, each code standing
  /// for its mean residual.
  std::optional<double> explained_variance;
};

struct SidReport {
  int64_t items = 0;
  double collision_rate = 0;       // of the whole id; levels that separate clashes are left out
  double share_in_collisions = 0;  // items that share their id
  int64_t max_group = 0;
  std::vector<SidLevel> levels;  // without a level that separates clashes
};

struct SidEvidence {
  const data::Column* labels = nullptr;  // text_list, one row per item
  const Vectors* vectors = nullptr;      // [items]
  uint64_t seed = 0;                     // of the shuffled and random controls
};

/// `dataset` may be null: no lift then.
SidReport measure(const Codebook& book, const data::Dataset* dataset,
                  const SidEvidence& evidence = {});

nlohmann::ordered_json to_json(const SidReport& report);

}  // namespace rexp::codebook
