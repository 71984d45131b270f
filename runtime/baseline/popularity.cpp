// popularity {train}: score(j) = train events of j
#include <algorithm>

#include "runtime/base/registry.h"
#include "runtime/baseline/baseline.h"

namespace rexp::baseline {
namespace {

Status fit(const nlohmann::json& /*args*/, const data::Dataset& /*dataset*/,
           Baseline* /*baseline*/) {
  return {};
}

void score(const Baseline& baseline, std::span<const int64_t> /*history*/,
           std::vector<double>* scores) {
  std::copy(baseline.counts.begin(), baseline.counts.end(), scores->begin());
}

REXP_REGISTER(Recommender, popularity, fit, score)

}  // namespace
}  // namespace rexp::baseline
