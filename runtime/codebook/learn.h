// What `vectors` and `codebook` nodes do: components of the bases Vectors and Learner, and what every codebook has around them.
//
//   {"learn": {"is": "ResidualKMeans", "vectors": {"input": 1}, "levels": [64, 64, 64], ..}, "clashes": "extra_level", ..}
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runtime/codebook/codebook.h"
#include "runtime/codebook/quantiser.h"
#include "runtime/codebook/reassign.h"
#include "runtime/codebook/vectors.h"
#include "runtime/data/dataset.h"

namespace rexp::codebook {

/// A codebook as another node made it.
struct StoredBook {
  Codebook book;
  std::optional<Quantiser> quantiser;  // none: no vector gave its codes
};

/// What components are given beside their fields: the artifacts and functions that fields name.
struct LearnInput {
  std::shared_ptr<const data::Dataset> dataset;
  std::map<std::string, std::string> files;  // by the field that names them
  uint64_t seed = 0;                         // of the node
  std::function<Result<Vectors>(int64_t input)> vectors;
  std::function<Result<StoredBook>(int64_t input)> codebook;
  std::function<Result<int64_t>(int64_t input)> row_count;  // of a rows artifact
  /// The text that a kernel gives for an item.
  std::function<Result<std::string>(int64_t kernel, int64_t item)> text;
  std::function<void(std::string)> note;  // what a reader of the report should know

  // For what is trained step by step.
  std::string name;                              // of the codebook, in messages
  std::function<Result<std::string>()> work;     // folder of checkpoints and log.jsonl
  double checkpoint_seconds = 30;                // at least so many between two
  const std::atomic<bool>* interrupt = nullptr;  // set: stop, to be continued by the next run
  bool show_progress = false;
  /// What the kernel of a schedule gives at a step of `total`.
  std::function<Result<double>(int64_t kernel, int64_t step, int64_t total)> rate;
};

struct Codes {
  std::vector<int32_t> level_sizes;
  std::vector<std::vector<int32_t>> codes;       // [items][levels]
  std::vector<std::string> level_surfaces = {};  // of tokens that have names already
  std::optional<Quantiser> quantiser = {};       // none: no vector gave the codes
  Vectors vectors = {};                          // that the quantiser gave them
  Kept kept = {};
  std::string log = {};                   // file of what was trained, empty: nothing was
  std::optional<Codebook> extended = {};  // the book whose codes these keep
};

/// A codebook, and what gives new vectors their codes where its learner had vectors.
struct Learnt {
  Codebook book;
  std::optional<Quantiser> quantiser;
  std::string log;  // of Codes
};

/// A learner gives every item its codes.
struct Learner {
  Result<Codes> (*learn)(const nlohmann::json& args, const LearnInput& in) = nullptr;
};

/// A kind of item vectors.
struct VectorsKind {
  Result<Vectors> (*learn)(const nlohmann::json& args, const LearnInput& in) = nullptr;
};

/// User error: `items`, an input, are not all items of the dataset. `who`: the function that was given them.
Status check_all_items(const LearnInput& in, int64_t items, const std::string& who);

Result<Vectors> learn_vectors(const nlohmann::json& args, const LearnInput& in);
/// Learns, separates clashes where `clashes` says so, and names the tokens. User errors: a surface without a place for the code,
/// items that cannot have codes of their own, what the learner says.
Result<Learnt> learn_codebook(const nlohmann::json& args, const LearnInput& in);

/// Adds a last level that tells items with the same codes apart: 0 for the one with most train
/// events, then by count, then by index. Its size is the next power of two of 1.5 times the largest
/// group, so that new items can be appended.
void add_extra_level(Codebook& book, const std::vector<int64_t>& train_counts);

}  // namespace rexp::codebook
