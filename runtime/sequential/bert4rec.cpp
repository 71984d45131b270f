// BERT4Rec {mask, last, ..}: masked items of a stretch are found from both sides (Sun and others 2019). Of an example in `last` only its
// last item is masked, which is what is asked afterwards; of the others each item with probability `mask`, and one at least.
#include "runtime/base/fields.h"
#include "runtime/base/random.h"
#include "runtime/base/registry.h"
#include "runtime/sequential/recipe.h"

namespace rexp::sequential {
namespace {

class MaskedItems : public Task {
 public:
  MaskedItems(double mask, double last) : mask_(mask), last_(last) {}

  std::vector<Stretch> stretches(const data::Dataset& dataset, const Shape& shape,
                                 Learns learns) const override {
    return learns == Learns::prefixes ? prefixes(dataset, shape.positions - 1)
                                      : pieces(dataset, shape.positions, /*overlap=*/0);
  }

  void add(std::span<const int64_t> items, const Shape& shape, Learns /*learns*/, uint64_t stream,
           Batch* batch) const override {
    const std::vector<bool> masked = draw(items.size(), stream);
    for (size_t i = 0; i < items.size(); ++i) {
      if (masked[i])
        batch->add_target(static_cast<int64_t>(batch->sequences.items.size()), items[i]);
      batch->sequences.items.push_back(masked[i] ? shape.mask() : items[i]);
    }
    batch->sequences.end();
  }

  void ask(std::span<const int32_t> history, const Shape& shape, Sequences* out) const override {
    const auto newest = history.last(std::min<size_t>(history.size(), shape.positions - 1));
    out->items.insert(out->items.end(), newest.begin(), newest.end());
    out->outputs.push_back(static_cast<int64_t>(out->items.size()));
    out->items.push_back(shape.mask());
    out->end();
  }

 private:
  std::vector<bool> draw(size_t count, uint64_t s) const {
    std::vector<bool> masked(count, false);
    if (uniform(s, 0) < last_) {
      masked.back() = true;
      return masked;
    }
    bool any = false;
    for (size_t i = 0; i < count; ++i) {
      masked[i] = uniform(s, i + 2) < mask_;
      any = any || masked[i];
    }
    if (!any) masked[below(s, 1, count)] = true;
    return masked;
  }

  double mask_, last_;
};

Result<NetworkPlan> read(const nlohmann::json& args, const std::string& where) {
  constexpr char kShare[] = "a number from 0 up to, but not including, 1";
  double mask = 0.2, last = 0.5;
  NetworkPlan plan;
  Fields fields(args, where);
  fields.number("mask", &mask, Fields::below_one, kShare);
  fields.number("last", &last, Fields::below_one, kShare);
  REXP_TRY(fields.status());
  REXP_TRY(read_shape(args, where, &plan.shape));
  plan.shape.causal = false;
  plan.task = std::make_unique<MaskedItems>(mask, last);
  return plan;
}

REXP_REGISTER(NetworkKind, BERT4Rec, read)

}  // namespace
}  // namespace rexp::sequential
