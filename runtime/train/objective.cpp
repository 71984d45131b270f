#include "runtime/train/objective.h"

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"

namespace rexp::train {

Result<LossPlan> read_loss(const nlohmann::json& args, const std::string& where) {
  Result<const LossKind*> kind = Registry<LossKind>::find(args);
  if (!kind.ok()) return kind.error();
  return (*kind)->read(args, where);
}

Result<CrossEntropyFields> read_cross_entropy(const nlohmann::json& args,
                                              const std::string& where) {
  CrossEntropyFields out;
  Fields fields(args, "the loss of " + where);
  fields.number("label_smoothing", &out.smoothing, Fields::below_one,
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
      out.level_weight.push_back(weight.get<double>());
    }
  }
  REXP_TRY(fields.status());
  return out;
}

}  // namespace rexp::train
