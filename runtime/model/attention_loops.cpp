#include "runtime/model/attention_loops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/model/vector.h"

namespace rexp::model {
namespace {

constexpr int64_t kRows = 8;  // sums of a tile stay in registers

REXP_INLINE int64_t whole_lanes(int64_t n) {
  return (n + kAttentionLanes - 1) / kAttentionLanes * kAttentionLanes;
}

/// Rows [0, count) of a matrix; a row past the last stands for the last.
struct Rows {
  const float* first;
  int64_t stride, count;
  REXP_INLINE const float* operator[](int64_t r) const {
    return first + std::min(r, count - 1) * stride;
  }
};

/// A matrix in columns of N: element (i, j) is at first + j / N * column + i * stride + j % N.
struct Columns {
  const float* first;
  int64_t column, stride;
};

/// y [kRows, n] = a [kRows, inner] b [inner, n], n in whole lanes.
template <int64_t N>
REXP_INLINE void multiply(const Rows& a, const Columns& b, int64_t inner, int64_t n, float* y,
                          int64_t y_stride) {
  const float* row[kRows];
  for (int64_t r = 0; r < kRows; ++r) row[r] = a[r];
  for (int64_t j = 0; j < n; j += N) {
    const float* column = b.first + j / N * b.column;
    Vec<N> sum[kRows] = {};
    for (int64_t i = 0; i < inner; ++i) {
      const Vec<N> x = load<N>(column + i * b.stride);
      for (int64_t r = 0; r < kRows; ++r) sum[r] += row[r][i] * x;
    }
    for (int64_t r = 0; r < kRows; ++r) store<N>(y + r * y_stride + j, sum[r]);
  }
}

/// y [n, dim] += a [kRows, n]^T b [kRows, dim]
template <int64_t N>
REXP_INLINE void add_outer(const float* a, int64_t a_stride, const Rows& b, int64_t n, int64_t dim,
                           float* y, int64_t y_stride) {
  for (int64_t d = 0; d < dim; d += N) {
    Vec<N> row[kRows];
    for (int64_t r = 0; r < kRows; ++r) row[r] = load<N>(b[r] + d);
    for (int64_t j = 0; j < n; ++j) {
      Vec<N> sum = load<N>(y + j * y_stride + d);
      for (int64_t r = 0; r < kRows; ++r) sum += a[r * a_stride + j] * row[r];
      store<N>(y + j * y_stride + d, sum);
    }
  }
}

/// x [length, dim] transposed, written to y; a column behind `length` repeats the last.
template <int64_t N>
REXP_INLINE Columns transposed(const float* x, int64_t stride, int64_t length, int64_t dim,
                               float* y) {
  for (int64_t j = 0; j < length; j += N) {
    const Rows rows{x + j * stride, stride, length - j};
    float* column = y + j * dim;
    for (int64_t d = 0; d < dim; ++d) {
      for (int64_t l = 0; l < N; ++l) column[d * N + l] = rows[l][d];
    }
  }
  return {y, dim * N, N};
}

/// Scores of one query to probabilities that do not sum to 1 yet; their logarithmic sum. Keys from `seen` on get 0.
template <int64_t N>
REXP_INLINE float softmax(float* scores, int64_t seen, int64_t n, float scale, float* sum_out) {
  std::fill(scores + seen, scores + n, -std::numeric_limits<float>::infinity());
  Vec<N> most = load<N>(scores);
  for (int64_t j = N; j < n; j += N) most = larger<N>(most, load<N>(scores + j));
  const float top = largest<N>(most);
  Vec<N> sums = {};
  for (int64_t j = 0; j < n; j += N) {
    const Vec<N> p = exp<N>((load<N>(scores + j) - top) * scale);
    store<N>(scores + j, p);
    sums += p;
  }
  std::fill(scores + seen, scores + n, 0.0f);
  *sum_out = sum<N>(sums);
  return scale * top + std::log(*sum_out);
}

template <int64_t N>
REXP_INLINE float dot(const float* a, const float* b, int64_t n) {
  Vec<N> sums = {};
  for (int64_t i = 0; i < n; i += N) sums += load<N>(a + i) * load<N>(b + i);
  return sum<N>(sums);
}

template <int64_t N>
REXP_INLINE void forward(const AttentionShape& s, const float* q, const float* k, const float* v,
                         float* out, float* lse, float* scratch) {
  const int64_t width = whole_lanes(s.length);
  float *p = scratch + s.dim * width, *tile = p + kRows * width;
  const Columns keys = transposed<N>(k, s.kv_stride, s.length, s.dim, scratch);
  for (int64_t first = 0; first < s.length; first += kRows) {
    const int64_t rows = std::min(kRows, s.length - first), seen = first + rows,
                  n = whole_lanes(seen);
    multiply<N>({q + first * s.q_stride, s.q_stride, rows}, keys, s.dim, n, p, width);
    float sums[kRows];
    for (int64_t r = 0; r < rows; ++r)
      lse[first + r] = softmax<N>(p + r * width, first + r + 1, n, s.scale, sums + r);
    multiply<N>({p, width, rows}, {v, N, s.kv_stride}, seen, s.dim, tile, s.dim);
    for (int64_t r = 0; r < rows; ++r) {
      float* y = out + (first + r) * s.q_stride;
      for (int64_t d = 0; d < s.dim; d += N)
        store<N>(y + d, load<N>(tile + r * s.dim + d) / sums[r]);
    }
  }
}

template <int64_t N>
REXP_INLINE void backward(const AttentionShape& s, const float* q, const float* k, const float* v,
                          const AttentionGradients& g, float* scratch) {
  const int64_t width = whole_lanes(s.length);
  float *p = scratch + 2 * s.dim * width, *dp = p + kRows * width, *tile = dp + kRows * width;
  const Columns keys = transposed<N>(k, s.kv_stride, s.length, s.dim, scratch),
                values = transposed<N>(v, s.kv_stride, s.length, s.dim, scratch + s.dim * width);
  for (int64_t first = 0; first < s.length; first += kRows) {
    const int64_t at = first * s.q_stride, rows = std::min(kRows, s.length - first),
                  seen = first + rows, n = whole_lanes(seen);
    const Rows queries{q + at, s.q_stride, rows}, d_outs{g.d_out + at, s.q_stride, rows};
    multiply<N>(queries, keys, s.dim, n, p, width);
    multiply<N>(d_outs, values, s.dim, n, dp, width);
    for (int64_t r = 0; r < kRows; ++r) {
      float *p_row = p + r * width, *dp_row = dp + r * width;
      const int64_t sees = r < rows ? first + r + 1 : 0;
      const float delta = dot<N>(d_outs[r], g.out + at + std::min(r, rows - 1) * s.q_stride, s.dim);
      for (int64_t j = 0; j < n && sees > 0; j += N) {
        const Vec<N> weight = exp<N>(load<N>(p_row + j) * s.scale - g.lse[first + r]);
        store<N>(p_row + j, weight);
        store<N>(dp_row + j, weight * (load<N>(dp_row + j) - delta) * s.scale);
      }
      std::fill(p_row + sees, p_row + n, 0.0f);
      std::fill(dp_row + sees, dp_row + n, 0.0f);
    }
    multiply<N>({dp, width, kRows}, {k, N, s.kv_stride}, seen, s.dim, tile, s.dim);
    for (int64_t r = 0; r < rows; ++r)
      std::memcpy(g.dq + at + r * s.q_stride, tile + r * s.dim,
                  static_cast<size_t>(s.dim) * sizeof(float));
    add_outer<N>(dp, width, queries, seen, s.dim, g.dk, s.kv_stride);
    add_outer<N>(p, width, d_outs, seen, s.dim, g.dv, s.kv_stride);
  }
}

REXP_BY_VECTOR_WIDTH(forward,
                     (const AttentionShape& s, const float* q, const float* k, const float* v,
                      float* out, float* lse, float* scratch),
                     (s, q, k, v, out, lse, scratch))
REXP_BY_VECTOR_WIDTH(backward,
                     (const AttentionShape& s, const float* q, const float* k, const float* v,
                      const AttentionGradients& g, float* scratch),
                     (s, q, k, v, g, scratch))

}  // namespace

int64_t attention_scratch(const AttentionShape& s) {
  return 2 * (s.dim + kRows) * (whole_lanes(s.length) + kAttentionLanes) + kRows * s.dim;
}

void attention_forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                       float* out, float* lse, float* scratch) {
  forward_by_width(shape, q, k, v, out, lse, scratch);
}

void attention_backward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                        const AttentionGradients& gradients, float* scratch) {
  backward_by_width(shape, q, k, v, gradients, scratch);
}

}  // namespace rexp::model
