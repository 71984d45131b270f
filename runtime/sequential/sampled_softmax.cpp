// SampledSoftmax {negatives}: cross entropy of the target among itself and `negatives` items that are drawn for it.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/sequential/item_loss.h"

namespace rexp::sequential {
namespace {

class SampledSoftmax : public ItemLoss {
 public:
  explicit SampledSoftmax(int64_t negatives) : negatives_(negatives) {}
  at::Tensor mean(const Network& network, const at::Tensor& hidden, const Batch& batch,
                  uint64_t stream) const override {
    const at::Tensor scores = sampled_scores(network, hidden, batch, negatives_, stream);
    return -at::log_softmax(scores, 1).select(1, 0).mean();
  }

 private:
  int64_t negatives_;
};

Result<std::unique_ptr<ItemLoss>> read(const nlohmann::json& args, const std::string& where) {
  int64_t negatives = 256;
  Fields fields(args, where);
  fields.count("negatives", &negatives, 1, "a whole number of at least 1");
  REXP_TRY(fields.status());
  return std::unique_ptr<ItemLoss>(std::make_unique<SampledSoftmax>(negatives));
}

REXP_REGISTER(ItemLossKind, SampledSoftmax, read)

}  // namespace
}  // namespace rexp::sequential
