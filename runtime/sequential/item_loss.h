// What a sequential recommender minimises over the items: components of base ItemLoss.
//
//   auto loss = read_item_loss({{"is", "SampledSoftmax"}, {"negatives", 256}}, "sasrec");
//   (*loss)->mean(network, outputs(network, batch.sequences), batch, stream).backward();
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/sequential/examples.h"
#include "runtime/sequential/network.h"

namespace rexp::sequential {

class ItemLoss {
 public:
  virtual ~ItemLoss() = default;
  /// Mean over the batch's targets, a scalar with a gradient. `stream`: of its draws.
  virtual at::Tensor mean(const Network& network, const at::Tensor& hidden, const Batch& batch,
                          uint64_t stream) const = 0;
};

struct ItemLossKind {
  Result<std::unique_ptr<ItemLoss>> (*read)(const nlohmann::json& args,
                                            const std::string& where) = nullptr;
};

Result<std::unique_ptr<ItemLoss>> read_item_loss(const nlohmann::json& args,
                                                 const std::string& where);

/// `count` items for every target, uniform over all others. There are two items at least.
std::vector<int64_t> draw_negatives(std::span<const int64_t> targets, int64_t items, int64_t count,
                                    uint64_t stream);

/// Scores of [target, its negatives]: [targets, 1 + count].
at::Tensor sampled_scores(const Network& network, const at::Tensor& hidden, const Batch& batch,
                          int64_t count, uint64_t stream);

}  // namespace rexp::sequential
