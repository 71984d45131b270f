#include "runtime/train/together.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace rexp::train {
namespace {

constexpr int64_t kBucket = int64_t{1} << 22;  // numbers that travel together: 16 MB of floats

/// Small tensors are summed in one flat piece, large ones as they are.
class Buckets {
 public:
  explicit Buckets(group::ProcessGroup& group) : group_(group) {}

  Status sum(const at::Tensor& tensor) {
    if (tensor.numel() >= kBucket) return group_.sum(tensor);
    if (size_ + tensor.numel() > kBucket) REXP_TRY(flush());
    size_ += tensor.numel();
    small_.push_back(tensor);
    return {};
  }

  Status flush() {
    if (small_.empty()) return {};
    std::vector<at::Tensor> pieces;
    for (const at::Tensor& tensor : small_) pieces.push_back(tensor.flatten());
    const at::Tensor flat = at::cat(pieces);
    REXP_TRY(group_.sum(flat));
    int64_t begin = 0;
    for (const at::Tensor& tensor : small_) {
      tensor.copy_(flat.narrow(0, begin, tensor.numel()).view_as(tensor));
      begin += tensor.numel();
    }
    small_.clear();
    size_ = 0;
    return {};
  }

 private:
  group::ProcessGroup& group_;
  std::vector<at::Tensor> small_;
  int64_t size_ = 0;
};

int end_of(const LossSums::Sums& sums) { return sums.empty() ? 0 : sums.rbegin()->first + 1; }

/// Sums over all processes; `end`: above every index that any of them has.
Status sum_losses(group::ProcessGroup& group, int end, LossSums::Sums* sums) {
  std::vector<double> flat(2 * static_cast<size_t>(end));
  for (const auto& [index, sum] : *sums) {
    flat[2 * static_cast<size_t>(index)] = sum.loss;
    flat[2 * static_cast<size_t>(index) + 1] = static_cast<double>(sum.count);
  }
  REXP_TRY(group.sum(flat));
  for (int i = 0; i < end; ++i) {
    const double loss = flat[2 * static_cast<size_t>(i)],
                 count = flat[2 * static_cast<size_t>(i) + 1];
    if (count > 0) (*sums)[i] = {loss, static_cast<int64_t>(count)};
  }
  return {};
}

/// The numbers of a step that are summed first: they say how much the others have seen, and which gradients there are.
struct Summary {
  std::vector<double>
      values;  // kFields numbers, an end of levels and of tasks for every process, a mark for every parameter
  size_t ends, marks;
};
enum { kLoss, kWeight, kLabels, kTokens, kDropped, kStop, kFields };

Summary summary_of(const group::ProcessGroup& group, const StepShare& step, double weight,
                   const NamedTensors& parameters) {
  const auto size = static_cast<size_t>(group.size()), rank = static_cast<size_t>(group.rank());
  Summary out;
  out.ends = kFields;
  out.marks = out.ends + 2 * size;
  out.values.resize(out.marks + parameters.size());
  const StepSums& sums = step.sums;
  out.values[kLoss] = sums.labels > 0 ? sums.loss * weight : 0;
  out.values[kWeight] = weight;
  out.values[kLabels] = static_cast<double>(sums.labels);
  out.values[kTokens] = static_cast<double>(sums.tokens);
  out.values[kDropped] = static_cast<double>(sums.dropped);
  out.values[kStop] = step.stop ? 1 : 0;
  out.values[out.ends + 2 * rank] = end_of(step.losses.levels);
  out.values[out.ends + 2 * rank + 1] = end_of(step.losses.tasks);
  for (size_t i = 0; i < parameters.size(); ++i)
    out.values[out.marks + i] = parameters[i].second.grad().defined() ? 1 : 0;
  return out;
}

/// Gradients of the whole batch's mean loss. A parameter that no process has a gradient of stays without.
Status sum_gradients(group::ProcessGroup& group, double share, const double* marks,
                     const NamedTensors& parameters) {
  Buckets buckets(group);
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (marks[i] == 0) continue;
    at::Tensor& gradient = parameters[i].second.mutable_grad();
    if (gradient.defined())
      gradient.mul_(share);
    else
      gradient = at::zeros_like(parameters[i].second);
    REXP_TRY(buckets.sum(gradient));
  }
  return buckets.flush();
}

}  // namespace

Status begin_alike(group::ProcessGroup& group, CheckpointInfo* info, const NamedTensors& state) {
  int64_t* const counts[] = {&info->step, &info->optimizer_steps, &info->dropped};
  std::vector<double> values;
  for (const int64_t* count : counts)
    values.push_back(group.leads() ? static_cast<double>(*count) : 0);
  REXP_TRY(group.sum(values));
  for (size_t i = 0; i < values.size(); ++i) *counts[i] = static_cast<int64_t>(values[i]);
  for (const auto& [name, tensor] : state) REXP_TRY(group.broadcast(tensor));
  return {};
}

Status combine(group::ProcessGroup& group, StepShare* step, const NamedTensors& parameters) {
  StepSums& sums = step->sums;
  const double own = sums.labels > 0 ? sums.weight : 0;
  Summary all = summary_of(group, *step, own, parameters);
  REXP_TRY(group.sum(all.values));
  const double weight = all.values[kWeight];
  sums.loss = weight > 0 ? all.values[kLoss] / weight : 0;
  sums.weight = weight;
  sums.labels = static_cast<int64_t>(all.values[kLabels]);
  sums.tokens = static_cast<int64_t>(all.values[kTokens]);
  sums.dropped = static_cast<int64_t>(all.values[kDropped]);
  step->stop = all.values[kStop] > 0;
  if (sums.labels == 0) return {};
  double levels = 0, tasks = 0;
  for (size_t i = all.ends; i < all.marks; i += 2) {
    levels = std::max(levels, all.values[i]);
    tasks = std::max(tasks, all.values[i + 1]);
  }
  REXP_TRY(sum_losses(group, static_cast<int>(levels), &step->losses.levels));
  REXP_TRY(sum_losses(group, static_cast<int>(tasks), &step->losses.tasks));
  return sum_gradients(group, own / weight, all.values.data() + all.marks, parameters);
}

}  // namespace rexp::train
