// FullSoftmax {}: cross entropy of the target among all items.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/sequential/item_loss.h"
#include "runtime/train/loss.h"

namespace rexp::sequential {
namespace {

class FullSoftmax : public ItemLoss {
 public:
  at::Tensor mean(const Network& network, const at::Tensor& hidden, const Batch& batch,
                  uint64_t /*stream*/) const override {
    const auto count = static_cast<int64_t>(batch.targets.size());
    at::Tensor states = hidden, rows = network.item_rows();
    if (network.item_bias().defined()) {  // one more column: h W^T + b = [h 1] [W b]^T
      states = at::cat({states, at::ones({count, 1}, states.options().requires_grad(false))}, 1);
      rows = at::cat({rows, network.item_bias().unsqueeze(1)}, 1);
    }
    const at::Tensor targets = at::tensor(batch.targets, at::kLong).to(hidden.device()),
                     weights = at::ones({count}, hidden.options().requires_grad(false));
    return train::label_loss({states, {rows}, targets, weights, static_cast<double>(count)}).loss;
  }
};

Result<std::unique_ptr<ItemLoss>> read(const nlohmann::json& /*args*/,
                                       const std::string& /*where*/) {
  return std::unique_ptr<ItemLoss>(std::make_unique<FullSoftmax>());
}

REXP_REGISTER(ItemLossKind, FullSoftmax, read)

}  // namespace
}  // namespace rexp::sequential
