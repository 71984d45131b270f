#include "runtime/model/fused_loops.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/random.h"

// One function, compiled for several vector widths and chosen when the library is loaded.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define REXP_VECTOR_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define REXP_VECTOR_CLONES
#endif

namespace rexp::model {
namespace {

constexpr int64_t kLanes = 16;

float sum_lanes(const float* lanes) {
  float sum = 0;
  for (int64_t l = 0; l < kLanes; ++l) sum += lanes[l];
  return sum;
}

}  // namespace

REXP_VECTOR_CLONES void rms_forward(const float* x, const float* w, float* y, float* inverse,
                                    int64_t rows, int64_t n, float eps) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    float lanes[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      for (int64_t l = 0; l < kLanes; ++l) lanes[l] += x[i + l] * x[i + l];
    }
    for (; i < n; ++i) lanes[0] += x[i] * x[i];
    const float scale = 1.0f / std::sqrt(sum_lanes(lanes) / static_cast<float>(n) + eps);
    inverse[r] = scale;
    for (i = 0; i < n; ++i) y[i] = x[i] * scale * w[i];
  }
}

REXP_VECTOR_CLONES void rms_backward(const float* dy, const float* x, const float* w,
                                     const float* inverse, float* dx, float* dw, int64_t rows,
                                     int64_t n) {
  for (int64_t r = 0; r < rows; ++r, x += n, dy += n, dx += n) {
    const float scale = inverse[r];
    float lanes[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      for (int64_t l = 0; l < kLanes; ++l) lanes[l] += dy[i + l] * w[i + l] * x[i + l];
    }
    for (; i < n; ++i) lanes[0] += dy[i] * w[i] * x[i];
    const float along = sum_lanes(lanes) / static_cast<float>(n) * scale * scale * scale;
    for (i = 0; i < n; ++i) dx[i] = dy[i] * w[i] * scale - x[i] * along;
    if (dw == nullptr) continue;
    for (i = 0; i < n; ++i) dw[i] += dy[i] * x[i] * scale;
  }
}

REXP_VECTOR_CLONES void turn(const float* x, const float* cos, const float* sin, float* y,
                             int64_t tokens, int64_t heads, int64_t half, float sign) {
  for (int64_t t = 0; t < tokens; ++t, cos += half, sin += half) {
    for (int64_t h = 0; h < heads; ++h, x += 2 * half, y += 2 * half) {
      for (int64_t i = 0; i < half; ++i) {
        const float a = x[i], b = x[half + i], s = sign * sin[i];
        y[i] = a * cos[i] - b * s;
        y[half + i] = b * cos[i] + a * s;
      }
    }
  }
}

void add_dropped(const float* x, const float* branch, float* y, const int64_t* tokens, int64_t rows,
                 int64_t n, uint64_t stream, uint32_t dropped) {
  const auto scale = static_cast<float>(kDropSteps / (kDropSteps - dropped));
  for (int64_t r = 0; r < rows; ++r, branch += n, y += n) {
    const uint64_t of_token = rexp::stream(stream, static_cast<uint64_t>(tokens[r]));
    for (int64_t i = 0; i < n; i += kUnitsPerDraw) {
      uint64_t draw = bits(of_token, static_cast<uint64_t>(i / kUnitsPerDraw));
      for (int64_t u = i; u < std::min(n, i + kUnitsPerDraw); ++u, draw >>= 16) {
        const float kept = (draw & 0xFFFF) >= dropped ? branch[u] * scale : 0.0f;
        y[u] = (x == nullptr ? 0.0f : x[u]) + kept;
      }
    }
    if (x != nullptr) x += n;
  }
}

REXP_VECTOR_CLONES void gated_forward(const float* g, const float* s, const float* u, float* y,
                                      int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = g[i] * s[i] * u[i];
}

REXP_VECTOR_CLONES void gated_backward(const float* dy, const float* g, const float* s,
                                       const float* u, float* dg, float* du, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const float silu = g[i] * s[i];
    du[i] = dy[i] * silu;
    dg[i] = dy[i] * u[i] * (s[i] + silu * (1.0f - s[i]));
  }
}

}  // namespace rexp::model
