#include "runtime/sequential/item_loss.h"

#include "runtime/base/random.h"
#include "runtime/base/registry.h"

namespace rexp::sequential {

Result<std::unique_ptr<ItemLoss>> read_item_loss(const nlohmann::json& args,
                                                 const std::string& where) {
  Result<const ItemLossKind*> kind = Registry<ItemLossKind>::find(args);
  if (!kind) return kind.error();
  return (*kind)->read(args, "the loss of " + where);
}

std::vector<int64_t> draw_negatives(std::span<const int64_t> targets, int64_t items, int64_t count,
                                    uint64_t s) {
  std::vector<int64_t> out;
  for (size_t t = 0; t < targets.size(); ++t) {
    const uint64_t draws = stream(s, t);
    for (int64_t n = 0; n < count; ++n) {
      const auto other = static_cast<int64_t>(
          below(draws, static_cast<uint64_t>(n), static_cast<uint64_t>(items - 1)));
      out.push_back(other + (other >= targets[t] ? 1 : 0));
    }
  }
  return out;
}

at::Tensor sampled_scores(const Network& network, const at::Tensor& hidden, const Batch& batch,
                          int64_t count, uint64_t s) {
  const auto targets = static_cast<int64_t>(batch.targets.size());
  const std::vector<int64_t> negatives =
      draw_negatives(batch.targets, network.shape().items, count, s);
  const at::Tensor chosen = at::cat({at::tensor(batch.targets, at::kLong).view({targets, 1}),
                                     at::tensor(negatives, at::kLong).view({targets, count})},
                                    1)
                                .to(hidden.device());
  const at::Tensor rows =
      at::embedding(network.item_rows(), chosen);  // [targets, 1 + count, width]
  const at::Tensor scores = at::bmm(rows, hidden.unsqueeze(2)).squeeze(2);
  if (!network.item_bias().defined()) return scores;
  return scores + network.item_bias().index_select(0, chosen.view({-1})).view_as(chosen);
}

}  // namespace rexp::sequential
