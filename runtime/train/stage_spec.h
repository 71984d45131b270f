// What one training stage is told to do: the arguments of a `train` node, read from canonical JSON (runtime/abi/README.md).
//
//   stage tune { adds = sid; length = 400 steps; optimizer = adamw { lr = 5e-4; schedule = cosine } }
//   ->  {"adds": true, "trains": "everything", "length": {"steps": 400}, "optimizer": {"is": "AdamW", "lr": 5e-4, ..}, ..}
//
// Names of the stage and its tasks are no arguments: they come from `site`, so that a rename trains nothing again.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/model/precision.h"
#include "runtime/text/model_facts.h"

namespace rexp::train {

enum class Trains : uint8_t { everything, added_embeddings };
enum class NewRows : uint8_t { random, mean_text, codebook };  // new_rows.h
using text::Overflow;
enum class MixtureUnit : uint8_t { copies, shares };

struct OptimizerPlan;  // optimizer.h
struct LossPlan;       // objective.h

struct TaskSpec {
  std::string name;
  int64_t rows = 0;     // index among the node's inputs
  int64_t dataset = 0;  // index among the node's inputs
  double weight = 1.0;  // copies or share
};

struct StageSpec {
  std::string stage;
  bool adds = false;
  Trains trains = Trains::everything;
  NewRows new_rows = NewRows::random;
  int64_t epochs = 0;  // exactly one of epochs and steps is positive
  int64_t steps = 0;
  int64_t batch = 256;    // examples of one optimizer step
  int64_t window = 2048;  // tokens of the longest example
  Overflow overflow = Overflow::drop_oldest;
  std::shared_ptr<const OptimizerPlan> optimizer;
  int64_t schedule = -1;  // kernel of the factor of the learning rate; -1: constant
  std::shared_ptr<const LossPlan> loss;
  std::vector<TaskSpec> tasks;
  MixtureUnit unit = MixtureUnit::copies;
  int64_t total = 0;  // rows of one epoch when the mixture has shares
  double dropout = 0.0;
  std::optional<model::Precision> precision =
      model::Precision::fp32;  // none: what the machine is fastest in

  /// Optimizer steps of the whole stage, for an epoch of `epoch_rows` rows. The last step of the last epoch may be short.
  int64_t total_steps(int64_t epoch_rows) const;
  /// Examples of the whole stage.
  int64_t total_rows(int64_t epoch_rows) const;
};

/// Reads and checks the arguments of a `train` node; a user error names the field, what was seen and what is required.
Result<StageSpec> parse_stage_spec(const nlohmann::json& args, const nlohmann::json& site);

}  // namespace rexp::train
