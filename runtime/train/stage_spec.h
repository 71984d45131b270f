// What one training stage is told to do: the arguments of a `train` node, read from canonical JSON (runtime/abi/README.md).
//
//   stage tune { adds = sid; length = 400 steps; optimizer = adamw { lr = 5e-4; schedule = cosine } }
//   ->  {"stage": "tune", "adds": true, "trains": "everything", "length": {"steps": 400}, "batch": 256, ..}
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::train {

enum class Trains : uint8_t { everything, added_embeddings };
enum class Overflow : uint8_t { drop_oldest, drop_example, refuse };
enum class MixtureUnit : uint8_t { copies, shares };

struct AdamWSpec {
  double lr = 2e-5;
  std::array<double, 2> betas = {0.9, 0.95};
  double decay = 0.01;
  double clip = 1.0;  // largest global gradient norm; 0: no clipping
  double eps = 1e-8;
};

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
  int64_t epochs = 0;  // exactly one of epochs and steps is positive
  int64_t steps = 0;
  int64_t batch = 256;    // examples of one optimizer step
  int64_t window = 2048;  // tokens of the longest example
  Overflow overflow = Overflow::drop_oldest;
  AdamWSpec optimizer;
  std::vector<TaskSpec> tasks;
  MixtureUnit unit = MixtureUnit::copies;
  int64_t total = 0;                 // rows of one epoch when the mixture has shares
  std::vector<double> level_weight;  // of SID levels 1, 2, ..; empty: every token weighs 1
  double dropout = 0.0;

  /// Optimizer steps of the whole stage, for an epoch of `epoch_rows` rows. The last step of the last epoch may be short.
  int64_t total_steps(int64_t epoch_rows) const;
  /// Examples of the whole stage.
  int64_t total_rows(int64_t epoch_rows) const;
};

/// Reads and checks the arguments of a `train` node; a user error names the field, what was seen and what is required.
Result<StageSpec> parse_stage_spec(std::string_view args);

}  // namespace rexp::train
