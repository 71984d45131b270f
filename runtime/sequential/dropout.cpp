#include "runtime/sequential/dropout.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "runtime/base/random.h"

namespace rexp::sequential {
namespace {

constexpr int64_t kLanes = 4;  // sixteen bits of every draw
constexpr int64_t kGrain = 1 << 14;

}  // namespace

at::Tensor dropout_mask(at::IntArrayRef sizes, double rate, uint64_t s) {
  at::Tensor mask = at::empty(sizes, at::kFloat);
  float* out = mask.mutable_data_ptr<float>();
  const int64_t count = mask.numel(), draws = (count + kLanes - 1) / kLanes;
  const auto dropped = static_cast<uint64_t>(std::lround(rate * 65536));
  const auto kept = static_cast<float>(1 / (1 - rate));
  at::parallel_for(0, draws, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t draw = begin; draw < end; ++draw) {
      uint64_t random = bits(s, static_cast<uint64_t>(draw));
      const int64_t last = std::min(count, (draw + 1) * kLanes);
      for (int64_t i = draw * kLanes; i < last; ++i, random >>= 16)
        out[i] = (random & 0xFFFF) < dropped ? 0.0f : kept;
    }
  });
  return mask;
}

at::Tensor normal_draws(at::IntArrayRef sizes, double deviation, uint64_t s) {
  at::Tensor draws = at::empty(sizes, at::kFloat);
  float* out = draws.mutable_data_ptr<float>();
  const auto count = static_cast<uint64_t>(draws.numel());
  for (uint64_t i = 0; i < count; ++i) {  // Box and Muller 1958
    const double radius = std::sqrt(-2 * std::log(1 - uniform(s, 2 * i)));
    const double angle = 2 * std::numbers::pi * uniform(s, 2 * i + 1);
    out[i] = static_cast<float>(deviation * radius * std::cos(angle));
  }
  return draws;
}

}  // namespace rexp::sequential
