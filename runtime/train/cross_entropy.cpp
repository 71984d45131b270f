// CrossEntropy {level_weight, label_smoothing}: cross entropy per trained token, weighed by the level of its semantic id.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/train/loss.h"

namespace rexp::train {
namespace {

Result<LossPlan> read(const nlohmann::json& args, const std::string& where) {
  LossPlan plan;
  double smoothing = 0;
  Fields fields(args, "the loss of " + where);
  fields.number("label_smoothing", &smoothing, Fields::below_one,
                "a number from 0 up to, but not including, 1");
  if (const nlohmann::json* weights = fields.find("level_weight")) {
    if (!weights->is_array() || weights->empty())
      fields.fail("level_weight", *weights, "a list with one number for each level");
    for (const nlohmann::json& weight : *weights) {
      if (!weight.is_number() || !Fields::not_negative(weight.get<double>())) {
        fields.fail("a level weight of " + where + " is " + weight.dump() +
                    ", it must be a number of at least 0");
        break;
      }
      plan.level_weight.push_back(weight.get<double>());
    }
  }
  REXP_TRY(fields.status());
  plan.compute = [smoothing](const LossInput& in) { return label_loss(in, smoothing); };
  return plan;
}

REXP_REGISTER(LossKind, CrossEntropy, read)

}  // namespace
}  // namespace rexp::train
