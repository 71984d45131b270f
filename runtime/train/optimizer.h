// Optimizers: components of base Optimizer. What they share is here: clipping by the global norm, the step's rate, counting.
//
//   Result<OptimizerPlan> plan = read_optimizer({{"is", "AdamW"}, {"lr", 2e-3}}, "stage `tune`");
//   std::unique_ptr<Optimizer> optimizer = plan->make(parameters);
//   optimizer->clip();
//   optimizer->step(/*factor=*/0.5);      // the schedule's
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/fields.h"
#include "runtime/base/result.h"

namespace rexp::train {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

struct OptimizerOptions {
  double lr = 2e-5;
  double decay = 0.01;
  double clip = 1.0;  // largest global gradient norm; 0: no clipping

  /// Reads these fields; a component reads its own beside them.
  void read(Fields* fields);
};

class Optimizer {
 public:
  /// `parameters`: leaves that require a gradient, in a fixed order.
  Optimizer(NamedTensors parameters, const OptimizerOptions& options)
      : parameters_(std::move(parameters)), options_(options) {}
  virtual ~Optimizer() = default;

  /// Scales all gradients so that their global norm is at most `clip`. Returns the norm before; nan or inf pass through.
  double clip();
  /// One update with the rate lr * factor, then gradients are zeroed. Parameters without a gradient are left as they are.
  void step(double factor);

  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }
  const NamedTensors& parameters() const { return parameters_; }
  /// What a checkpoint keeps beside the parameters, "<what>/<parameter>"; the tensors share memory with the optimizer.
  virtual NamedTensors state() const = 0;

 protected:
  virtual void update(double rate) = 0;
  const OptimizerOptions& options() const { return options_; }
  /// Decay is for matrices; vectors (norm weights, biases) have none.
  double decay_of(const at::Tensor& parameter) const {
    return parameter.dim() > 1 ? options_.decay : 0;
  }

 private:
  NamedTensors parameters_;
  OptimizerOptions options_;
  int64_t steps_ = 0;
};

/// An optimizer whose fields are read and checked; it is made once the parameters are known.
struct OptimizerPlan {
  double lr = 0;
  std::function<std::unique_ptr<Optimizer>(NamedTensors)> make;
};

struct OptimizerKind {
  Result<OptimizerPlan> (*read)(const nlohmann::json& args, const std::string& where) = nullptr;
};

Result<OptimizerPlan> read_optimizer(const nlohmann::json& args, const std::string& where);

}  // namespace rexp::train
