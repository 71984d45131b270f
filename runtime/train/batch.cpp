#include "runtime/train/batch.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "runtime/train/objective.h"

namespace rexp::train {
namespace {

constexpr int64_t kNumbersPerExample = int64_t{1} << 24;  // more than an example has tokens

float weight_of(uint8_t level, std::span<const double> level_weight) {
  return level == 0 || level > level_weight.size() ? 1.0f
                                                   : static_cast<float>(level_weight[level - 1]);
}

// Token i + 1 is a target of positive weight. The first token has nothing before it and is never one.
bool is_label(const Example& example, size_t i, std::span<const double> level_weight) {
  return example.trained[i + 1] != 0 && weight_of(example.levels[i + 1], level_weight) > 0;
}

bool has_label(const Example& example, std::span<const double> level_weight) {
  for (size_t i = 0; i + 1 < example.ids.size(); ++i) {
    if (is_label(example, i, level_weight)) return true;
  }
  return false;
}

Status append(const Example& example, const RowOfId& row_of_id,
              std::span<const double> level_weight, const Objective* objective, Packed* part) {
  std::vector<int32_t> choices;
  if (objective != nullptr) REXP_TRY(objective->choices(example, &choices));
  const auto first = static_cast<int64_t>(part->rows.size());
  for (const int32_t id : example.ids) {
    const int64_t row = id < 0 || id >= static_cast<int64_t>(row_of_id.size()) ? -1 : row_of_id[id];
    if (row < 0)
      return internal_error("token " + std::to_string(id) + " has no row in the embedding matrix");
    part->numbers.push_back(example.position * kNumbersPerExample +
                            static_cast<int64_t>(part->rows.size()) - first);
    part->rows.push_back(row);
  }
  for (size_t i = 0; i + 1 < example.ids.size(); ++i) {
    if (!is_label(example, i, level_weight)) continue;
    part->label_at.push_back(first + static_cast<int64_t>(i));
    part->targets.push_back(part->rows[first + i + 1]);
    part->weights.push_back(weight_of(example.levels[i + 1], level_weight));
    part->levels.push_back(example.levels[i + 1]);
    part->tasks.push_back(example.task);
    if (!choices.empty()) part->choices.push_back(choices[i + 1]);
  }
  part->offsets.push_back(static_cast<int64_t>(part->rows.size()));
  return {};
}

}  // namespace

Result<Batch> pack(int64_t step, std::span<const Example> examples, const RowOfId& row_of_id,
                   std::span<const double> level_weight, int64_t max_tokens,
                   const Objective* objective) {
  Batch batch;
  batch.step = step;
  std::vector<const Example*> order;
  for (const Example& example : examples) {
    batch.dropped += example.ids.empty();
    if (has_label(example, level_weight)) order.push_back(&example);
  }
  // Equal lengths side by side: the attention works on them as one block.
  std::stable_sort(order.begin(), order.end(), [](const Example* a, const Example* b) {
    return a->ids.size() > b->ids.size();
  });
  for (const Example* example : order) {
    const auto size = static_cast<int64_t>(example->ids.size());
    if (batch.parts.empty() ||
        static_cast<int64_t>(batch.parts.back().rows.size()) + size > max_tokens) {
      batch.parts.emplace_back().offsets.push_back(0);
    }
    REXP_TRY(append(*example, row_of_id, level_weight, objective, &batch.parts.back()));
  }
  for (const Packed& part : batch.parts) {
    batch.tokens += static_cast<int64_t>(part.rows.size());
    batch.labels += static_cast<int64_t>(part.targets.size());
    batch.weight = std::accumulate(part.weights.begin(), part.weights.end(), batch.weight);
  }
  return batch;
}

}  // namespace rexp::train
