#include "runtime/quantiser/sinkhorn.h"

#include <cmath>

namespace rexp::quantiser {

at::Tensor sinkhorn(const at::Tensor& distances, const SinkhornOptions& options) {
  const at::Tensor d = distances.to(at::kDouble);
  const double low = d.min().item<double>(), high = d.max().item<double>();
  const double middle = (low + high) / 2, half = (high - low) / 2;
  at::Tensor plan = (d - middle) / (-(half + 1e-5) * options.eps);
  const double of_row = std::log(static_cast<double>(d.size(0))),
               of_column = std::log(static_cast<double>(d.size(1)));
  for (int64_t i = 0; i < options.iterations; ++i) {
    plan = plan - at::logsumexp(plan, 1, /*keepdim=*/true) - of_row;
    plan = plan - at::logsumexp(plan, 0, /*keepdim=*/true) - of_column;
  }
  return plan;
}

}  // namespace rexp::quantiser
