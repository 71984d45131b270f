// What a stage minimises: components of base Loss. A component's fields are read once; the objective is made when the stage knows its
// vocabulary and codebooks.
//
//   Result<LossPlan> plan = read_loss({{"is", "TrieCrossEntropy"}}, "stage `tune`");
//   Result<std::unique_ptr<Objective>> objective = plan->make({codebooks, rows, "stage `tune`"});
//   LossOutput out = (*objective)->loss({hidden_at_labels, head, targets, weights, weight, choices});
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/train/example.h"
#include "runtime/train/loss.h"
#include "runtime/train/vocabulary_growth.h"

namespace rexp::train {

class Objective {
 public:
  virtual ~Objective() = default;
  /// For every token of the example what it is chosen among: an index of the objective's own, -1 for the whole vocabulary. Stays empty
  /// where that holds for all tokens. Called by the thread that packs batches.
  virtual Status choices(const Example& /*example*/, std::vector<int32_t>* /*out*/) const {
    return {};
  }
  virtual LossOutput loss(const LossInput& in) const = 0;
};

/// What a stage gives its objective.
struct ObjectiveSetting {
  const std::vector<CodebookInput>& codebooks;  // that the stage's templates print
  const RowOfId& rows;
  std::string where;  // "stage `tune`", for messages
};

/// A loss whose fields are read and checked.
struct LossPlan {
  std::vector<double> level_weight;  // of SID levels 1, 2, ..; empty: every token weighs 1
  std::function<Result<std::unique_ptr<Objective>>(const ObjectiveSetting&)> make;
};

struct LossKind {
  Result<LossPlan> (*read)(const nlohmann::json& args, const std::string& where) = nullptr;
};

Result<LossPlan> read_loss(const nlohmann::json& args, const std::string& where);

/// The fields that every cross entropy has: `level_weight`, `label_smoothing`.
struct CrossEntropyFields {
  std::vector<double> level_weight;
  double smoothing = 0;
};
Result<CrossEntropyFields> read_cross_entropy(const nlohmann::json& args, const std::string& where);

}  // namespace rexp::train
