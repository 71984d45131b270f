// What every table needs beside the model: recommenders without training, components of base Recommender. All are counted on
// train events only.
//
//   {"is": "markov", "train": {"input": 0, "part": "train"}}
//
//   Result<Baseline> markov = fit(args, dataset);
//   std::vector<double> scores = score(*markov, history);      // one per item; ties are the ranker's, by lower index
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "runtime/data/dataset.h"

namespace rexp::baseline {

struct Baseline {
  std::string is;                // the component
  int64_t history = 0;           // newest events of a history that count, 0 for all
  std::vector<int64_t> counts;   // train events of every item
  std::vector<int64_t> offsets;  // [items + 1], empty where items have no rows
  std::vector<int32_t> index;    // row i: items that follow i, or neighbours of i
  std::vector<double> weight;

  struct Neighbour {
    int32_t item;
    double weight;
  };
  void push_row(const std::vector<Neighbour>& row);
  /// scores += factor * row of `item`
  void add_row(int64_t item, double factor, std::vector<double>* scores) const;
};

struct Recommender {
  /// Fills what is not in `baseline` yet: name and counts are.
  Status (*fit)(const nlohmann::json& args, const data::Dataset& dataset,
                Baseline* baseline) = nullptr;
  void (*score)(const Baseline& baseline, std::span<const int64_t> history,
                std::vector<double>* scores) = nullptr;
  bool reads_rows = false;  // `score` looks at the rows of items
};

/// The arguments of a `baseline` node are a component. User errors: fields out of range.
Result<Baseline> fit(const nlohmann::json& args, const data::Dataset& dataset);

/// Scores of all items after `history` (items, oldest first; may be empty).
std::vector<double> score(const Baseline& baseline, std::span<const int64_t> history);

Status save(const Baseline& baseline, const std::string& path);  // baseline.bin
Result<Baseline> load_baseline(const std::string& path);

}  // namespace rexp::baseline
