// CrossEntropy {level_weight, label_smoothing}: cross entropy per trained token, weighed by the level of its semantic id.
#include "runtime/base/registry.h"
#include "runtime/train/objective.h"

namespace rexp::train {
namespace {

class CrossEntropy : public Objective {
 public:
  explicit CrossEntropy(double smoothing) : smoothing_(smoothing) {}
  LossOutput loss(const LossInput& in) const override { return label_loss(in, smoothing_); }

 private:
  double smoothing_;
};

Result<LossPlan> read(const nlohmann::json& args, const std::string& where) {
  auto fields = read_cross_entropy(args, where);
  if (!fields) return fields.error();
  LossPlan plan;
  plan.level_weight = fields->level_weight;
  plan.make = [smoothing = fields->smoothing](
                  const ObjectiveSetting&) -> Result<std::unique_ptr<Objective>> {
    return std::unique_ptr<Objective>(std::make_unique<CrossEntropy>(smoothing));
  };
  return plan;
}

REXP_REGISTER(LossKind, CrossEntropy, read)

}  // namespace
}  // namespace rexp::train
