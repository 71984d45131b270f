#include "runtime/train/language_step.h"

#include <utility>

#include "runtime/base/assert.h"

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

void log_losses(const Packed& part, const at::Tensor& losses, LossLog* log) {
  const at::Tensor on_cpu = losses.detach().to(at::kCPU).contiguous();
  for (size_t i = 0; i < part.levels.size(); ++i)
    log->add(part.levels[i], part.tasks[i], on_cpu.const_data_ptr<float>()[i]);
}

}  // namespace

LanguageStep::LanguageStep(const model::Config& config, model::Weights weights,
                           const LanguageOptions& options, Prefetch::Make make)
    : weights_(std::move(weights)),
      transformer_(config, weights_, options.precision),
      options_(options),
      parameters_(choose_parameters(options.trains, &weights_)),
      make_(std::move(make)) {}

std::vector<at::Tensor> LanguageStep::head() const {
  const bool tied = !weights_.head.defined();
  std::vector<at::Tensor> head = {tied ? weights_.embedding : weights_.head};
  const at::Tensor& added = tied ? weights_.embedding_new : weights_.head_new;
  if (added.defined()) head.push_back(added);
  return head;
}

void LanguageStep::start(int64_t first, int64_t total) {
  batches_ = std::make_unique<Prefetch>(first, total, make_);
}

Result<StepSums> LanguageStep::gradients(int64_t step, LossLog* log) {
  auto batch = batches_->next();
  REXP_ASSERT(batch.has_value(), "the loop asks for the steps that it announced");
  if (!batch->ok()) return batch->error();
  REXP_ASSERT((*batch)->step == step, "batches come in order");
  StepSums sums;
  sums.weight = (*batch)->weight;
  sums.labels = (*batch)->labels;
  sums.tokens = (*batch)->tokens;
  sums.dropped = (*batch)->dropped;
  if (sums.labels > 0) sums.loss = accumulate(**batch, log);
  return sums;
}

double LanguageStep::accumulate(const Batch& batch, LossLog* log) {
  const at::Device device = transformer_.device();
  double total = 0;
  for (const Packed& part : batch.parts) {
    std::optional<model::Dropout> dropout;
    if (options_.dropout > 0)
      dropout =
          model::Dropout{options_.dropout, options_.stream, at::tensor(part.numbers, at::kLong)};
    const at::Tensor at_labels = transformer_.hidden({to_device(part.rows, device), part.offsets},
                                                     dropout, to_device(part.label_at, device));
    const LossOutput out = options_.objective->loss(
        {at_labels, head(), to_device(part.targets, device), at::tensor(part.weights).to(device),
         batch.weight, options_.precision, part.choices});
    out.loss.backward();
    total += out.loss.item<double>();
    if (log != nullptr) log_losses(part, out.losses, log);
  }
  return total;
}

}  // namespace rexp::train
