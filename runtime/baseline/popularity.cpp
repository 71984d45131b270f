// popularity {train}: score(j) = train events of j
#include <algorithm>

#include "runtime/base/registry.h"
#include "runtime/baseline/counted.h"

namespace rexp::baseline {
namespace {

Status fit(const nlohmann::json& /*args*/, FitInput& /*in*/, Counted* /*counted*/) { return {}; }

void score(const Counted& counted, std::span<const int32_t> /*history*/,
           std::vector<double>* scores) {
  std::copy(counted.counts.begin(), counted.counts.end(), scores->begin());
}

REXP_REGISTER(Recommender, popularity, fit_counted<fit>, open_counted<score>)

}  // namespace
}  // namespace rexp::baseline
