// What every table needs beside the model: popularity, first-order Markov, item-kNN. All counted on
// train events only.
//
//   let rivals = [popularity(films.train), markov(films.train), item_knn(films.train)]
//
//   Baseline markov = fit({.kind = BaselineKind::markov}, dataset);
//   std::vector<double> scores = score(markov, history);      // one per item; ties are the
//   ranker's, by lower index
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "runtime/data/dataset.h"

namespace rexp::baseline {

enum class BaselineKind : uint8_t { popularity, markov, item_knn };

struct BaselineOptions {
  BaselineKind kind = BaselineKind::popularity;
  int64_t neighbours = 0;  // item_knn: neighbours kept per item, 0 for all
  int64_t history = 20;    // item_knn: newest events of the history that count, 0 for all
};

/// popularity   score(j) = train events of j
/// markov       score(j) = train steps from the last item of the history to j
///                         + 1e-6 * train events of j
/// item_knn     score(j) = sum over the `history` newest events, i of age 1, 2, .., of s(i, j) / age;
///              s(i, j) = |U_i and U_j| / sqrt(|U_i| |U_j|), U_i the users with i in train, s(i, i) = 0
///              (cosine of implicit feedback, Sarwar et al. 2001; the weights favour recent items)
struct Baseline {
  BaselineOptions options;
  std::vector<int64_t> counts;   // train events of every item
  std::vector<int64_t> offsets;  // [items + 1], empty for popularity
  std::vector<int32_t> index;    // row i: items that follow i, or neighbours of i
  std::vector<double> weight;
};

/// The arguments of a `baseline` node. Errors: a negative number of neighbours (user error); others
/// are internal.
Result<BaselineOptions> parse_options(const nlohmann::json& args);

Baseline fit(const BaselineOptions& options, const data::Dataset& dataset);

/// Scores of all items after `history` (items, oldest first; may be empty).
std::vector<double> score(const Baseline& baseline, std::span<const int64_t> history);

Status save(const Baseline& baseline, const std::string& path);  // baseline.bin
Result<Baseline> load_baseline(const std::string& path);

}  // namespace rexp::baseline
