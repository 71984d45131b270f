// LevelCrossEntropy, TrieCrossEntropy {level_weight, label_smoothing}: cross entropy of semantic ids among what can follow (choices.h).
#include "runtime/base/registry.h"
#include "runtime/train/choices.h"
#include "runtime/train/objective.h"

namespace rexp::train {
namespace {

class ChoiceCrossEntropy : public Objective {
 public:
  ChoiceCrossEntropy(Choices choices, double smoothing)
      : choices_(std::move(choices)), smoothing_(smoothing) {}
  Status choices(const Example& example, std::vector<int32_t>* out) const override {
    return choices_.of(example, out);
  }
  LossOutput loss(const LossInput& in) const override { return choices_.loss(in, smoothing_); }

 private:
  Choices choices_;
  double smoothing_;
};

Result<LossPlan> read(ChosenAmong among, const nlohmann::json& args, const std::string& where) {
  auto fields = read_cross_entropy(args, where);
  if (!fields) return fields.error();
  LossPlan plan;
  plan.level_weight = fields->level_weight;
  plan.make = [among, smoothing = fields->smoothing](
                  const ObjectiveSetting& setting) -> Result<std::unique_ptr<Objective>> {
    if (setting.codebooks.empty())
      return user_error(
          "the loss of " + setting.where + " chooses among semantic ids, and its tasks print none",
          "say `loss = cross_entropy`");
    auto choices = Choices::create(among, setting.codebooks, setting.rows);
    if (!choices) return choices.error();
    return std::unique_ptr<Objective>(
        std::make_unique<ChoiceCrossEntropy>(std::move(*choices), smoothing));
  };
  return plan;
}

Result<LossPlan> read_level(const nlohmann::json& args, const std::string& where) {
  return read(ChosenAmong::level, args, where);
}
Result<LossPlan> read_trie(const nlohmann::json& args, const std::string& where) {
  return read(ChosenAmong::trie, args, where);
}

REXP_REGISTER(LossKind, LevelCrossEntropy, read_level)
REXP_REGISTER(LossKind, TrieCrossEntropy, read_trie)

}  // namespace
}  // namespace rexp::train
