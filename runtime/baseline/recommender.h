// What every table needs beside the model: recommenders that give every item a score, components of base Recommender. All learn from
// train events only.
//
//   {"is": "markov", "train": {"input": 0, "part": "train"}}
//
//   REXP_TRY(fit(args, in, folder));                                        // a `baseline` node, once
//   Result<std::unique_ptr<Scorer>> markov = open(folder, "cpu");           // a `rank` node
//   std::vector<double> scores = (*markov)->scores(histories);              // ties are the ranker's, by lower index
//
// The folder's recommender.json says what it is; the other files are the component's own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/vectors.h"
#include "runtime/data/dataset.h"

namespace rexp::train {
class Progress;
}

namespace rexp::baseline {

/// Items, oldest first; may be empty.
using History = std::vector<int32_t>;

class Scorer {
 public:
  virtual ~Scorer() = default;
  virtual int64_t items() const = 0;
  /// [histories, items], one row behind the other.
  virtual std::vector<double> scores(std::span<const History> histories) const = 0;
};

/// Factor of the learning rate at a step of a total.
using Rate = std::function<Result<double>(int64_t step, int64_t total)>;

/// What a component is given beside its arguments.
class FitInput {
 public:
  virtual ~FitInput() = default;
  virtual const data::Dataset& dataset() = 0;
  virtual Result<codebook::Vectors> vectors(int64_t input) = 0;
  virtual Result<Rate> rate(int64_t kernel) = 0;
  virtual uint64_t stream() = 0;
  virtual std::string device() = 0;
  /// Folder for checkpoints, kept until the node is done.
  virtual Result<std::string> work() = 0;
  virtual double checkpoint_seconds() = 0;  // at least so many between two
  virtual const std::atomic<bool>* interrupt() = 0;
  virtual train::Progress* progress() = 0;  // may be null
  virtual void note(std::string text) = 0;
};

struct Recommender {
  /// Writes what `open` reads into an existing folder.
  Status (*fit)(const nlohmann::json& args, FitInput& in, const std::string& folder) = nullptr;
  Result<std::unique_ptr<Scorer>> (*open)(const std::string& folder,
                                          const std::string& device) = nullptr;
};

/// The arguments of a `baseline` node are a component. User errors: fields out of range, a held-out split to learn from.
Status fit(const nlohmann::json& args, FitInput& in, const std::string& folder);

Result<std::unique_ptr<Scorer>> open(const std::string& folder, const std::string& device);

}  // namespace rexp::baseline
