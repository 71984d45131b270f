#include "runtime/train/optimizer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>

#include <cmath>

#include "runtime/base/registry.h"

namespace rexp::train {

void OptimizerOptions::read(Fields* fields) {
  fields->number("lr", &lr, Fields::positive, "a positive number");
  fields->number("decay", &decay, Fields::not_negative, "a number of at least 0");
  fields->number("clip", &clip, Fields::not_negative, "a number of at least 0 (0: no clipping)");
}

double Optimizer::clip() {
  std::vector<at::Tensor> gradients;
  for (const auto& [name, parameter] : parameters_) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return 0;
  const at::Tensor norms = at::stack(at::_foreach_norm(gradients, 2)).to(at::kDouble);
  const double norm = norms.norm().item<double>();
  if (options_.clip > 0 && norm > options_.clip)
    at::_foreach_mul_(gradients, at::Scalar(options_.clip / (norm + 1e-6)));
  return norm;
}

void Optimizer::step(double factor) {
  at::NoGradGuard no_grad;
  ++steps_;
  update(options_.lr * factor);
  for (auto& [name, parameter] : parameters_) parameter.mutable_grad().reset();
}

Result<OptimizerPlan> read_optimizer(const nlohmann::json& args, const std::string& where) {
  Result<const OptimizerKind*> kind = Registry<OptimizerKind>::find(args);
  if (!kind.ok()) return kind.error();
  return (*kind)->read(args, "the optimizer of " + where);
}

}  // namespace rexp::train
