// An even assignment of rows to codes: every code gets its share of a batch (LC-Rec's last level).
//
//   at::Tensor plan = sinkhorn(distances, {.eps = 0.003, .iterations = 50});     // logarithms, [rows, codes]
//   at::Tensor codes = plan.argmax(1);
#pragma once

#include <ATen/ATen.h>

namespace rexp::quantiser {

struct SinkhornOptions {
  double eps = 0.003;  // of the entropy, with distances scaled to -1..1
  int64_t iterations = 50;
};

/// The logarithm of the plan exp(-distance / eps) after `iterations` rounds of making every row sum to 1 / rows and every column
/// to 1 / codes. Distances are scaled by half their range, about its middle. In the log domain and in double, so that a small eps
/// is no division by zero.
at::Tensor sinkhorn(const at::Tensor& distances, const SinkhornOptions& options);

}  // namespace rexp::quantiser
