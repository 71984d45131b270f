// What `vectors` and `codebook` nodes do: components of the bases Vectors and Learner, and what every codebook has around them.
//
//   {"learn": {"is": "ResidualKMeans", "vectors": {"input": 1}, "levels": [64, 64, 64], ..}, "clashes": "extra_level", ..}
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runtime/codebook/codebook.h"
#include "runtime/codebook/vectors.h"
#include "runtime/data/dataset.h"

namespace rexp::codebook {

/// What components are given beside their fields: the artifacts and functions that fields name.
struct LearnInput {
  std::shared_ptr<const data::Dataset> dataset;
  std::map<std::string, std::string> files;  // by the field that names them
  uint64_t seed = 0;                         // of the node
  std::function<Result<Vectors>(int64_t input)> vectors;
  std::function<Result<int64_t>(int64_t input)> row_count;  // of a rows artifact
  /// The text that a kernel gives for an item.
  std::function<Result<std::string>(int64_t kernel, int64_t item)> text;
  std::function<void(std::string)> note;  // what a reader of the report should know
};

struct Codes {
  std::vector<int32_t> level_sizes;
  std::vector<std::vector<int32_t>> codes;       // [items][levels]
  std::vector<std::string> level_surfaces = {};  // of tokens that have names already
};

/// A learner gives every item its codes.
struct Learner {
  Result<Codes> (*learn)(const nlohmann::json& args, const LearnInput& in) = nullptr;
};

/// A kind of item vectors.
struct VectorsKind {
  Result<Vectors> (*learn)(const nlohmann::json& args, const LearnInput& in) = nullptr;
};

Result<Vectors> learn_vectors(const nlohmann::json& args, const LearnInput& in);
/// Learns, separates clashes where `clashes` says so, and names the tokens. User errors: a surface without a place for the code,
/// what the learner says.
Result<Codebook> learn_codebook(const nlohmann::json& args, const LearnInput& in);

/// Adds a last level that tells items with the same codes apart: 0 for the one with most train
/// events, then by count, then by index. Its size is the next power of two of 1.5 times the largest
/// group, so that new items can be appended.
void add_extra_level(Codebook& book, const std::vector<int64_t>& train_counts);

}  // namespace rexp::codebook
