// SASRec {..}: every place of a causal network says what comes next (Kang, McAuley 2018). `learns`: every place of the users' sequences is
// a target, or every prefix is an example of its own whose last place is asked (RecBole).
#include "runtime/base/registry.h"
#include "runtime/sequential/recipe.h"

namespace rexp::sequential {
namespace {

class NextItem : public Task {
 public:
  std::vector<Stretch> stretches(const data::Dataset& dataset, const Shape& shape,
                                 Learns learns) const override {
    return learns == Learns::prefixes ? prefixes(dataset, shape.positions)
                                      : pieces(dataset, shape.positions + 1, /*overlap=*/1);
  }

  void add(std::span<const int64_t> items, const Shape& /*shape*/, Learns learns,
           uint64_t /*stream*/, Batch* batch) const override {
    const size_t inputs = items.size() - 1;
    const auto first = static_cast<int64_t>(batch->sequences.items.size());
    for (size_t i = 0; i < inputs; ++i) {
      batch->sequences.items.push_back(items[i]);
      if (learns == Learns::sequences || i + 1 == inputs)
        batch->add_target(first + static_cast<int64_t>(i), items[i + 1]);
    }
    batch->sequences.end();
  }

  void ask(std::span<const int32_t> history, const Shape& shape, Sequences* out) const override {
    const auto newest = history.last(std::min<size_t>(history.size(), shape.positions));
    out->items.insert(out->items.end(), newest.begin(), newest.end());
    out->outputs.push_back(static_cast<int64_t>(out->items.size()) - 1);
    out->end();
  }
};

Result<NetworkPlan> read(const nlohmann::json& args, const std::string& where) {
  NetworkPlan plan;
  REXP_TRY(read_shape(args, where, &plan.shape));
  plan.shape.causal = true;
  plan.task = std::make_unique<NextItem>();
  return plan;
}

REXP_REGISTER(NetworkKind, SASRec, read)

}  // namespace
}  // namespace rexp::sequential
