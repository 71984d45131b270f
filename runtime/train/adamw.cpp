// AdamW {lr, betas, decay, clip, eps}: Adam with decoupled weight decay (Loshchilov, Hutter 2019) over LibTorch's fused kernel.
//
//   m <- b1 m + (1 - b1) g    v <- b2 v + (1 - b2) g^2    p <- p - lr decay p - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
#include <ATen/ops/_fused_adamw.h>

#include <array>

#include "runtime/base/registry.h"
#include "runtime/train/optimizer.h"

namespace rexp::train {
namespace {

struct AdamWOptions : OptimizerOptions {
  std::array<double, 2> betas = {0.9, 0.95};
  double eps = 1e-8;
};

class AdamW : public Optimizer {
 public:
  AdamW(NamedTensors parameters, const AdamWOptions& options)
      : Optimizer(std::move(parameters), options), options_(options) {
    for (const auto& [name, parameter] : this->parameters()) {
      m_.push_back(at::zeros_like(parameter, parameter.options().requires_grad(false)));
      v_.push_back(at::zeros_like(parameter, parameter.options().requires_grad(false)));
    }
  }

  NamedTensors state() const override {
    NamedTensors state;
    for (size_t i = 0; i < parameters().size(); ++i) {
      state.emplace_back("m/" + parameters()[i].first, m_[i]);
      state.emplace_back("v/" + parameters()[i].first, v_[i]);
    }
    return state;
  }

 protected:
  void update(double rate) override {
    for (const bool matrices : {true, false}) {
      std::vector<at::Tensor> parameters, gradients, m, v, counts;
      for (size_t i = 0; i < this->parameters().size(); ++i) {
        const at::Tensor& parameter = this->parameters()[i].second;
        if ((parameter.dim() > 1) != matrices || !parameter.grad().defined()) continue;
        parameters.push_back(parameter.detach());
        gradients.push_back(parameter.grad());
        m.push_back(m_[i]);
        v.push_back(v_[i]);
        counts.push_back(at::full({}, static_cast<double>(steps()),
                                  parameter.options().dtype(at::kFloat).requires_grad(false)));
      }
      if (parameters.empty()) continue;
      at::_fused_adamw_(parameters, gradients, m, v, {}, counts, rate, options_.betas[0],
                        options_.betas[1], decay_of(parameters.front()), options_.eps,
                        /*amsgrad=*/false, /*maximize=*/false);
    }
  }

 private:
  AdamWOptions options_;
  std::vector<at::Tensor> m_, v_;
};

void read_betas(Fields* fields, std::array<double, 2>* out) {
  const nlohmann::json* betas = fields->find("betas");
  if (betas == nullptr) return;
  const auto holds = [](const nlohmann::json& beta) {
    return beta.is_number() && Fields::below_one(beta.get<double>());
  };
  if (!betas->is_array() || betas->size() != 2 || !holds((*betas)[0]) || !holds((*betas)[1]))
    return fields->fail("betas", *betas, "two numbers from 0 up to, but not including, 1");
  *out = {(*betas)[0].get<double>(), (*betas)[1].get<double>()};
}

Result<OptimizerPlan> read(const nlohmann::json& args, const std::string& where) {
  AdamWOptions options;
  Fields fields(args, where);
  options.read(&fields);
  read_betas(&fields, &options.betas);
  fields.number("eps", &options.eps, Fields::positive, "a positive number");
  REXP_TRY(fields.status());
  return OptimizerPlan{options.lr, [options](NamedTensors parameters) {
                         return std::make_unique<AdamW>(std::move(parameters), options);
                       }};
}

REXP_REGISTER(OptimizerKind, AdamW, read)

}  // namespace
}  // namespace rexp::train
