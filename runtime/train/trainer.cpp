#include "runtime/train/trainer.h"

#include <cmath>
#include <utility>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"
#include "runtime/model/fused_ops.h"
#include "runtime/train/loss.h"

namespace rexp::train {
namespace {

// Marks what the stage trains; everything else is frozen and, having no gradient, is never touched by the optimizer.
NamedTensors choose_parameters(Trains trains, model::Weights* weights) {
  NamedTensors parameters;
  weights->for_each([&](const std::string& name, at::Tensor& tensor) {
    const bool added = tensor.is_same(weights->embedding_new) || tensor.is_same(weights->head_new);
    const bool trained = trains == Trains::everything || added;
    tensor.requires_grad_(trained);
    if (trained) parameters.emplace_back(name, tensor);
  });
  return parameters;
}

at::Tensor to_device(const std::vector<int64_t>& values, at::Device device) {
  return at::tensor(values, at::kLong).to(device);
}

}  // namespace

Trainer::Trainer(const StageSpec& spec, const model::Config& config, model::Weights weights,
                 uint64_t stream)
    : spec_(spec),
      weights_(std::move(weights)),
      transformer_(config, weights_),
      optimizer_(spec.optimizer->make(choose_parameters(spec.trains, &weights_))),
      stream_(stream) {}

std::vector<at::Tensor> Trainer::head() const {
  const bool tied = !weights_.head.defined();
  std::vector<at::Tensor> head = {tied ? weights_.embedding : weights_.head};
  const at::Tensor& added = tied ? weights_.embedding_new : weights_.head_new;
  if (added.defined()) head.push_back(added);
  return head;
}

double Trainer::accumulate(const Batch& batch, const OnLosses& on_losses) {
  const at::Device device = transformer_.device();
  double total = 0;
  for (size_t i = 0; i < batch.parts.size(); ++i) {
    const Packed& part = batch.parts[i];
    std::optional<model::Dropout> dropout;
    if (spec_.dropout > 0)
      dropout =
          model::Dropout{spec_.dropout, stream(stream_, static_cast<uint64_t>(batch.step), i)};
    const at::Tensor hidden =
        transformer_.hidden({to_device(part.rows, device), part.offsets}, dropout);
    const at::Tensor at_labels = model::distinct_rows(hidden, to_device(part.label_at, device));
    const LossOutput out = spec_.loss->compute({at_labels, head(), to_device(part.targets, device),
                                                at::tensor(part.weights).to(device), batch.weight});
    out.loss.backward();
    total += out.loss.item<double>();
    if (on_losses) on_losses(part, out.losses.detach().to(at::kCPU).contiguous());
  }
  return total;
}

StepOutcome Trainer::step(const Batch& batch, double factor, const OnLosses& on_losses) {
  REXP_ASSERT(batch.labels > 0, "a batch without a label is no step: 0 / 0");
  StepOutcome outcome;
  outcome.loss = accumulate(batch, on_losses);
  outcome.gradient_norm = optimizer_->clip();
  outcome.finite = std::isfinite(outcome.loss) && std::isfinite(outcome.gradient_norm);
  if (outcome.finite) optimizer_->step(factor);
  return outcome;
}

NamedTensors Trainer::state() const {
  NamedTensors state = optimizer_->parameters();
  for (auto& kept : optimizer_->state()) state.push_back(std::move(kept));
  return state;
}

}  // namespace rexp::train
