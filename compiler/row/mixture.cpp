#include "compiler/row/mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace rexp::row {

std::vector<int64_t> share_quotas(const std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<int64_t> quotas;
  std::vector<double> rest;
  for (double weight : weights) {
    const double exact = weight / sum * static_cast<double>(kShareBlock);
    quotas.push_back(static_cast<int64_t>(std::floor(exact)));
    rest.push_back(exact - std::floor(exact));
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return rest[a] > rest[b]; });
  const int64_t left = kShareBlock - std::accumulate(quotas.begin(), quotas.end(), int64_t{0});
  for (int64_t i = 0; i < left; ++i) ++quotas[order[static_cast<size_t>(i)]];
  return quotas;
}

int64_t copy_quota(double weight, int64_t rows) {
  return static_cast<int64_t>(std::floor(weight * static_cast<double>(rows) + 0.5));
}

Result<Mixture> make_mixture(const std::string& unit, std::vector<double> weights) {
  if (unit != "copies" && unit != "shares")
    return internal_error("a mixture is measured in `" + unit + "`");
  const bool negative =
      std::any_of(weights.begin(), weights.end(), [](double w) { return !(w >= 0); });
  const bool empty = std::none_of(weights.begin(), weights.end(), [](double w) { return w > 0; });
  if (negative || empty)
    return internal_error("a mixture has no positive weight, or a negative one");
  return Mixture{unit == "copies" ? MixtureUnit::copies : MixtureUnit::shares, std::move(weights)};
}

}  // namespace rexp::row
