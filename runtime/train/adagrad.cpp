// Adagrad {lr, decay, clip, eps}: a rate of its own for every number, by all its gradients so far (Duchi, Hazan, Singer 2011);
// decay as part of the gradient.
//
//   g <- g + decay p    s <- s + g^2    p <- p - lr g / (sqrt(s) + eps)
#include "runtime/base/registry.h"
#include "runtime/train/optimizer.h"

namespace rexp::train {
namespace {

class Adagrad : public Optimizer {
 public:
  Adagrad(NamedTensors parameters, const OptimizerOptions& options, double eps)
      : Optimizer(std::move(parameters), options), eps_(eps) {
    for (const auto& [name, parameter] : this->parameters())
      sums_.push_back(at::zeros_like(parameter, parameter.options().requires_grad(false)));
  }

  NamedTensors state() const override {
    NamedTensors state;
    for (size_t i = 0; i < parameters().size(); ++i)
      state.emplace_back("sum/" + parameters()[i].first, sums_[i]);
    return state;
  }

 protected:
  void update(double rate) override {
    for (size_t i = 0; i < parameters().size(); ++i) {
      at::Tensor parameter = parameters()[i].second.detach();
      at::Tensor gradient = parameters()[i].second.grad();
      if (!gradient.defined()) continue;
      if (const double decay = decay_of(parameter); decay > 0)
        gradient = gradient.add(parameter, decay);
      sums_[i].addcmul_(gradient, gradient);
      parameter.addcdiv_(gradient, sums_[i].sqrt().add_(eps_), -rate);
    }
  }

 private:
  double eps_;
  std::vector<at::Tensor> sums_;
};

Result<OptimizerPlan> read(const nlohmann::json& args, const std::string& where) {
  OptimizerOptions options{.lr = 0.01, .decay = 0, .clip = 1.0};
  double eps = 1e-10;
  Fields fields(args, where);
  options.read(&fields);
  fields.number("eps", &eps, Fields::positive, "a positive number");
  REXP_TRY(fields.status());
  return OptimizerPlan{options.lr, [options, eps](NamedTensors parameters) {
                         return std::make_unique<Adagrad>(std::move(parameters), options, eps);
                       }};
}

REXP_REGISTER(OptimizerKind, Adagrad, read)

}  // namespace
}  // namespace rexp::train
