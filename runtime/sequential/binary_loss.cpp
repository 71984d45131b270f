// BinaryCrossEntropy {}: the target is one, an item that is drawn for it is none (Kang, McAuley 2018).
//
//   -log sigmoid(s(target)) - log(1 - sigmoid(s(negative)))
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/sequential/item_loss.h"

namespace rexp::sequential {
namespace {

class BinaryCrossEntropy : public ItemLoss {
 public:
  at::Tensor mean(const Network& network, const at::Tensor& hidden, const Batch& batch,
                  uint64_t stream) const override {
    const at::Tensor scores = sampled_scores(network, hidden, batch, 1, stream);
    return (at::softplus(-scores.select(1, 0)) + at::softplus(scores.select(1, 1))).mean();
  }
};

Result<std::unique_ptr<ItemLoss>> read(const nlohmann::json& /*args*/,
                                       const std::string& /*where*/) {
  return std::unique_ptr<ItemLoss>(std::make_unique<BinaryCrossEntropy>());
}

REXP_REGISTER(ItemLossKind, BinaryCrossEntropy, read)

}  // namespace
}  // namespace rexp::sequential
