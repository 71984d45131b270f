// Sgd {lr, momentum, decay, clip}: gradient descent with momentum, decay as part of the gradient.
//
//   b <- momentum b + g + decay p    p <- p - lr b
#include "runtime/base/registry.h"
#include "runtime/train/optimizer.h"

namespace rexp::train {
namespace {

class Sgd : public Optimizer {
 public:
  Sgd(NamedTensors parameters, const OptimizerOptions& options, double momentum)
      : Optimizer(std::move(parameters), options), momentum_(momentum) {
    for (const auto& [name, parameter] : this->parameters())
      buffers_.push_back(at::zeros_like(parameter, parameter.options().requires_grad(false)));
  }

  NamedTensors state() const override {
    NamedTensors state;
    for (size_t i = 0; i < parameters().size(); ++i)
      state.emplace_back("momentum/" + parameters()[i].first, buffers_[i]);
    return state;
  }

 protected:
  void update(double rate) override {
    for (size_t i = 0; i < parameters().size(); ++i) {
      at::Tensor parameter = parameters()[i].second.detach();
      if (!parameters()[i].second.grad().defined()) continue;
      at::Tensor& buffer = buffers_[i];
      buffer.mul_(momentum_).add_(parameters()[i].second.grad());
      if (const double decay = decay_of(parameter); decay > 0) buffer.add_(parameter, decay);
      parameter.sub_(buffer, rate);
    }
  }

 private:
  double momentum_;
  std::vector<at::Tensor> buffers_;
};

Result<OptimizerPlan> read(const nlohmann::json& args, const std::string& where) {
  OptimizerOptions options{.lr = 0.1, .decay = 0, .clip = 1.0};
  double momentum = 0.9;
  Fields fields(args, where);
  options.read(&fields);
  fields.number("momentum", &momentum, Fields::below_one,
                "a number from 0 up to, but not including, 1");
  REXP_TRY(fields.status());
  return OptimizerPlan{options.lr, [options, momentum](NamedTensors parameters) {
                         return std::make_unique<Sgd>(std::move(parameters), options, momentum);
                       }};
}

REXP_REGISTER(OptimizerKind, Sgd, read)

}  // namespace
}  // namespace rexp::train
