// Hybrids: several systems whose scores are added. Something is to be added, and each has a weight (R0203).
#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

const std::vector<Value>& members_of(const Evaluator& e, const Value& system) {
  static const std::vector<Value> kNone;
  const auto* made = system.shared<Made>();
  if (made == nullptr || !is(e, *made, Intrinsic::hybrid)) return kNone;
  const auto* list = argument(*made, "of").shared<eval::List>();
  return list == nullptr ? kNone : list->elements;
}

std::vector<Value> models_in(Evaluator& e, const Value& system) {
  if (is(e.program, system, Known::Model)) return {system};
  std::vector<Value> models;
  for (const Value& member : members_of(e, system)) {
    const std::vector<Value> inner = models_in(e, member);
    models.insert(models.end(), inner.begin(), inner.end());
  }
  return models;
}

namespace {

void check_hybrid(Subject& s, const Value& value, const Made& hybrid) {
  const size_t systems = members_of(s.e, value).size();
  const auto* weights = argument(hybrid, "weights").shared<eval::List>();
  const auto fail = [&](std::string message, std::string help) {
    s.e.program.sink.add(Kind::condition_fails, hybrid.span, std::move(message)).help =
        std::move(help);
  };
  if (systems == 0) return fail("a hybrid of no system", "name two: `hybrid([a, b])`");
  if (weights == nullptr) return;
  if (weights->elements.size() != systems) {
    return fail("a hybrid of " + std::to_string(systems) + " systems has " +
                    std::to_string(weights->elements.size()) +
                    (weights->elements.size() == 1 ? " weight" : " weights"),
                "give each system one weight, or leave `weights` out");
  }
  for (const Value& weight : weights->elements) {
    if (number_in(weight) > 0) continue;
    return fail("a weight of a hybrid is " + eval::print(s.e, weight) + ", it must be above 0",
                "leave out a system that does not count");
  }
}

}  // namespace

void check_hybrids(Subject& s) {
  for (const Value& value : s.values) {
    const auto* made = value.shared<Made>();
    if (made != nullptr && is(s.e, *made, Intrinsic::hybrid)) check_hybrid(s, value, *made);
  }
}

}  // namespace rexp::contracts
