// How a sequential recommender is built and trained: components of base Network (SASRec, BERT4Rec), which differ in what they mask.
//
//   Result<Recipe> recipe = read_recipe({{"is", "SASRec"}, {"blocks", 1}, {"optimizer", {{"is", "AdamW"}, {"lr", 1e-3}}}}, "sasrec");
//   recipe->shape.items = dataset.item_count();
//   recipe->task->add(items, shape, learns, stream, &batch);  an example
//   recipe->task->ask({4, 9, 2}, shape, &sequences);         a question: its only output says what comes next
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/data/dataset.h"
#include "runtime/sequential/examples.h"
#include "runtime/sequential/item_loss.h"
#include "runtime/sequential/network.h"
#include "runtime/train/optimizer.h"

namespace rexp::sequential {

enum class Learns : uint8_t { sequences, prefixes };

/// What is asked of a network, in training and afterwards.
class Task {
 public:
  virtual ~Task() = default;
  virtual std::vector<Stretch> stretches(const data::Dataset& dataset, const Shape& shape,
                                         Learns learns) const = 0;
  /// Adds one example. `items`: of a stretch.
  virtual void add(std::span<const int64_t> items, const Shape& shape, Learns learns,
                   uint64_t stream, Batch* batch) const = 0;
  /// Adds the question what follows a history that is not empty.
  virtual void ask(std::span<const int32_t> history, const Shape& shape, Sequences* out) const = 0;
};

struct NetworkPlan {
  Shape shape;  // without its items, which the dataset knows
  std::unique_ptr<Task> task;
};

struct NetworkKind {
  Result<NetworkPlan> (*read)(const nlohmann::json& args, const std::string& where) = nullptr;
};

struct Recipe : NetworkPlan {
  std::unique_ptr<ItemLoss> loss;
  train::OptimizerPlan optimizer;
  int64_t schedule = -1;  // a kernel; -1: constant
  Learns learns = Learns::sequences;
  double dropout = 0.2;
  int64_t epochs = 100;
  int64_t batch = 256;    // stretches of a step
  int64_t patience = 10;  // epochs without a gain on valid after which training stops
};

/// User errors of both: fields out of range. `where`: "`sasrec`".
Result<NetworkPlan> read_network(const nlohmann::json& args, const std::string& where);
Result<Recipe> read_recipe(const nlohmann::json& args, const std::string& where);

/// The fields of a shape that all networks have.
Status read_shape(const nlohmann::json& args, const std::string& where, Shape* shape);

}  // namespace rexp::sequential
