#include "runtime/sequential/sequential_step.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/random.h"

namespace rexp::sequential {
namespace {

constexpr int64_t kDepth = 10;   // of the NDCG on valid
constexpr int64_t kAsked = 256;  // histories that are scored at once

/// Sum of NDCG@10: 1 / log2(rank + 1), ties by lower index.
double sum_of_gains(const at::Tensor& scores, const std::vector<int64_t>& targets) {
  const at::Tensor target = at::tensor(targets, at::kLong).to(scores.device()).unsqueeze(1),
                   own = scores.gather(1, target),
                   items = at::arange(scores.size(1), target.options());
  const at::Tensor above =
      ((scores > own) | ((scores == own) & (items < target))).sum(1).to(at::kCPU);
  double sum = 0;
  for (int64_t i = 0; i < above.size(0); ++i) {
    const int64_t before = above.const_data_ptr<int64_t>()[i];
    if (before < kDepth) sum += 1 / std::log2(static_cast<double>(before) + 2);
  }
  return sum;
}

}  // namespace

SequentialStep::SequentialStep(const Recipe& recipe, const data::Dataset& dataset,
                               const StepOptions& options)
    : recipe_(recipe),
      dataset_(dataset),
      options_(options),
      stretches_(recipe.task->stretches(dataset, recipe.shape, recipe.learns)),
      network_(Network::random(recipe.shape, stream(options.stream, "weights")).to(options.device)),
      best_(network_.to(options.device)),
      curve_(at::zeros({recipe.epochs})) {
  for (auto& [name, tensor] : network_.tensors()) tensor.requires_grad_(true);
}

train::NamedTensors SequentialStep::buffers() {
  if (!options_.valid) return {};
  train::NamedTensors kept = {{"valid", curve_}};
  for (const auto& [name, tensor] : best_.tensors()) kept.emplace_back("best/" + name, tensor);
  return kept;
}

void SequentialStep::start(int64_t first, int64_t /*total*/) {
  epochs_done_ = first / steps_per_epoch();
}

Batch SequentialStep::batch_of(int64_t step) const {
  const int64_t epoch = step / steps_per_epoch(), first = step % steps_per_epoch() * recipe_.batch;
  const uint64_t order = stream(stream(options_.stream, "order"), static_cast<uint64_t>(epoch)),
                 draws = stream(stream(options_.stream, "examples"), static_cast<uint64_t>(epoch));
  const std::vector<int64_t>& items = dataset_.event_items();
  Batch batch;
  for (int64_t i = first; i < std::min(examples(), first + recipe_.batch); ++i) {
    const uint64_t example =
        permute(static_cast<uint64_t>(examples()), static_cast<uint64_t>(i), order);
    const Stretch& stretch = stretches_[example];
    recipe_.task->add({items.data() + stretch.begin, items.data() + stretch.end}, recipe_.shape,
                      recipe_.learns, stream(draws, example), &batch);
  }
  return batch;
}

Result<train::StepSums> SequentialStep::gradients(int64_t step, train::LossLog* log) {
  const Batch batch = batch_of(step);
  const auto at = static_cast<uint64_t>(step);
  const model::Dropout dropout = {
      recipe_.dropout, stream(stream(options_.stream, "dropout"), at), {}};
  const at::Tensor hidden = outputs(network_, batch.sequences, dropout);
  at::Tensor loss =
      recipe_.loss->mean(network_, hidden, batch, stream(stream(options_.stream, "negatives"), at));
  loss.backward();
  train::StepSums sums;
  sums.loss = loss.item<double>();
  sums.labels = static_cast<int64_t>(batch.targets.size());
  sums.tokens = static_cast<int64_t>(batch.sequences.items.size());
  if (log != nullptr) log->add(0, 0, sums.loss);
  return sums;
}

Status SequentialStep::updated(int64_t step) {
  if ((step + 1) % steps_per_epoch() != 0) return {};
  const int64_t epoch = epochs_done_++;
  if (!options_.valid) return {};
  curve_.mutable_data_ptr<float>()[epoch] = look_at_valid();
  if (best_epoch() != epoch) return {};
  at::NoGradGuard no_grad;
  const train::NamedTensors now = network_.tensors(), best = best_.tensors();
  for (size_t i = 0; i < best.size(); ++i) best[i].second.detach().copy_(now[i].second);
  return {};
}

bool SequentialStep::finished() const {
  return options_.valid && epochs_done_ > 0 && epochs_done_ - 1 - best_epoch() >= recipe_.patience;
}

std::vector<float> SequentialStep::curve() const {
  if (!options_.valid) return {};
  const float* values = curve_.const_data_ptr<float>();
  return {values, values + epochs_done_};
}

int64_t SequentialStep::best_epoch() const {
  const std::vector<float> curve = this->curve();
  return std::max_element(curve.begin(), curve.end()) - curve.begin();
}

float SequentialStep::look_at_valid() const {
  at::NoGradGuard no_grad;
  const std::vector<int64_t>& items = dataset_.event_items();
  double sum = 0;
  for (int64_t first = 0; first < dataset_.user_count(); first += kAsked) {
    std::vector<std::vector<int32_t>> histories;
    std::vector<int64_t> targets;
    for (int64_t u = first; u < std::min(dataset_.user_count(), first + kAsked); ++u) {
      histories.emplace_back(items.begin() + dataset_.user_offsets[u],
                             items.begin() + dataset_.train_end(u));
      targets.push_back(items[dataset_.valid_event(u)]);
    }
    sum += sum_of_gains(score_histories(network_, *recipe_.task, histories), targets);
  }
  return static_cast<float>(sum / static_cast<double>(dataset_.user_count()));
}

at::Tensor score_histories(const Network& network, const Task& task,
                           std::span<const std::vector<int32_t>> histories) {
  at::NoGradGuard no_grad;
  Sequences asked;
  std::vector<int64_t> rows;
  for (size_t h = 0; h < histories.size(); ++h) {
    if (histories[h].empty()) continue;
    task.ask(histories[h], network.shape(), &asked);
    rows.push_back(static_cast<int64_t>(h));
  }
  const at::TensorOptions like = network.item_rows().options().requires_grad(false);
  at::Tensor scores =
      at::zeros({static_cast<int64_t>(histories.size()), network.shape().items}, like);
  if (rows.empty()) return scores;
  const at::Tensor of_asked = network.scores(outputs(network, asked));
  if (rows.size() == histories.size()) return of_asked;
  return scores.index_copy_(0, at::tensor(rows, at::kLong).to(scores.device()), of_asked);
}

}  // namespace rexp::sequential
