#include "runtime/train/optimizer.h"

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>

#include <cmath>

namespace rexp::train {

AdamW::AdamW(NamedTensors parameters, const AdamWSpec& spec)
    : parameters_(std::move(parameters)), spec_(spec) {
  for (const auto& [name, parameter] : parameters_) {
    m_.push_back(at::zeros_like(parameter, parameter.options().requires_grad(false)));
    v_.push_back(at::zeros_like(parameter, parameter.options().requires_grad(false)));
  }
}

double AdamW::clip() {
  std::vector<at::Tensor> gradients;
  for (const auto& [name, parameter] : parameters_) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return 0;
  const at::Tensor norms = at::stack(at::_foreach_norm(gradients, 2)).to(at::kDouble);
  const double norm = norms.norm().item<double>();
  if (spec_.clip > 0 && norm > spec_.clip)
    at::_foreach_mul_(gradients, at::Scalar(spec_.clip / (norm + 1e-6)));
  return norm;
}

void AdamW::step(double factor) {
  at::NoGradGuard no_grad;
  ++steps_;
  for (const bool decays : {true, false}) {
    std::vector<at::Tensor> parameters, gradients, m, v, counts;
    for (size_t i = 0; i < parameters_.size(); ++i) {
      const at::Tensor& parameter = parameters_[i].second;
      if ((parameter.dim() > 1) != decays || !parameter.grad().defined()) continue;
      parameters.push_back(parameter.detach());
      gradients.push_back(parameter.grad());
      m.push_back(m_[i]);
      v.push_back(v_[i]);
      counts.push_back(at::full({}, static_cast<double>(steps_),
                                parameter.options().dtype(at::kFloat).requires_grad(false)));
    }
    if (parameters.empty()) continue;
    at::_fused_adamw_(parameters, gradients, m, v, {}, counts, spec_.lr * factor, spec_.betas[0],
                      spec_.betas[1], decays ? spec_.decay : 0.0, spec_.eps, /*amsgrad=*/false,
                      /*maximize=*/false);
  }
  for (auto& [name, parameter] : parameters_) parameter.mutable_grad().reset();
}

NamedTensors AdamW::state() const {
  NamedTensors state;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    state.emplace_back("m/" + parameters_[i].first, m_[i]);
    state.emplace_back("v/" + parameters_[i].first, v_[i]);
  }
  return state;
}

}  // namespace rexp::train
