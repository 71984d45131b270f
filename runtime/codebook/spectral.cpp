#include "runtime/codebook/spectral.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/base/random.h"
#include "runtime/codebook/parallel.h"

namespace rexp::codebook {
namespace {

constexpr int64_t kOversampling = 16;
constexpr int kIterations = 30;
constexpr int64_t kGrain = 256;

double column_dot(const Matrix& m, int64_t a, int64_t b) {
  double sum = 0;
  for (int64_t i = 0; i < m.rows; ++i) sum += m.row(i)[a] * m.row(i)[b];
  return sum;
}

/// Gram-Schmidt, each column twice ("twice is enough", Kahan); a column that depends on those
/// before becomes zero.
void orthonormalize(Matrix& m) {
  for (int64_t j = 0; j < m.columns; ++j) {
    const double before = std::sqrt(column_dot(m, j, j));
    for (int pass = 0; pass < 2; ++pass) {
      for (int64_t k = 0; k < j; ++k) {
        const double shared = column_dot(m, k, j);
        for (int64_t i = 0; i < m.rows; ++i) m.row(i)[j] -= shared * m.row(i)[k];
      }
    }
    const double norm = std::sqrt(column_dot(m, j, j));
    const double scale = norm > 1e-10 * before && norm > 0 ? 1 / norm : 0;
    for (int64_t i = 0; i < m.rows; ++i) m.row(i)[j] *= scale;
  }
}

/// a^T b, [a.columns, b.columns]
Matrix inner(const Matrix& a, const Matrix& b) {
  Matrix result(a.columns, b.columns);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) {
      for (int64_t k = 0; k < b.columns; ++k) result.row(j)[k] += a.row(i)[j] * b.row(i)[k];
    }
  }
  return result;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result(a.rows, b.columns);
  parallel_rows(a.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j = 0; j < a.columns; ++j) {
        for (int64_t k = 0; k < b.columns; ++k) result.row(i)[k] += a.row(i)[j] * b.row(j)[k];
      }
    }
  });
  return result;
}

/// One rotation of the cyclic Jacobi method: makes a[p][q] zero.
void rotate(Matrix& a, Matrix& vectors, int64_t p, int64_t q) {
  if (a.row(p)[q] == 0) return;
  const double theta = (a.row(q)[q] - a.row(p)[p]) / (2 * a.row(p)[q]);
  const double t = std::copysign(1.0, theta) / (std::abs(theta) + std::sqrt(theta * theta + 1));
  const double c = 1 / std::sqrt(t * t + 1), s = t * c;
  for (int64_t k = 0; k < a.rows; ++k) {
    const double x = a.row(k)[p], y = a.row(k)[q];
    a.row(k)[p] = c * x - s * y;
    a.row(k)[q] = s * x + c * y;
    const double u = vectors.row(k)[p], v = vectors.row(k)[q];
    vectors.row(k)[p] = c * u - s * v;
    vectors.row(k)[q] = s * u + c * v;
  }
  for (int64_t k = 0; k < a.rows; ++k) {
    const double x = a.row(p)[k], y = a.row(q)[k];
    a.row(p)[k] = c * x - s * y;
    a.row(q)[k] = s * x + c * y;
  }
}

/// Eigenvectors in the columns of the result, eigenvalues on the diagonal that is left of `a`.
Matrix jacobi(Matrix& a) {
  Matrix vectors(a.rows, a.rows);
  double size = 0;
  for (int64_t i = 0; i < a.rows; ++i) vectors.row(i)[i] = 1;
  for (double v : a.values) size += v * v;
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0;
    for (int64_t p = 0; p < a.rows; ++p) {
      for (int64_t q = 0; q < a.rows; ++q) off += p == q ? 0 : a.row(p)[q] * a.row(p)[q];
    }
    if (off <= 1e-24 * size) break;
    for (int64_t p = 0; p < a.rows; ++p) {
      for (int64_t q = p + 1; q < a.rows; ++q) rotate(a, vectors, p, q);
    }
  }
  return vectors;
}

}  // namespace

Matrix SparseMatrix::times(const Matrix& q) const {
  Matrix result(rows, q.columns);
  parallel_rows(rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double* out = result.row(i);
      for (int64_t k = offsets[i]; k < offsets[i + 1]; ++k) {
        const double* in = q.row(index[k]);
        for (int64_t c = 0; c < q.columns; ++c) out[c] += value[k] * in[c];
      }
    }
  });
  return result;
}

SparseMatrix SparseMatrix::transposed() const {
  SparseMatrix t{columns, rows, std::vector<int64_t>(static_cast<size_t>(columns) + 1), {}, {}};
  t.index.resize(index.size());
  t.value.resize(value.size());
  for (int32_t column : index) ++t.offsets[column + 1];
  std::partial_sum(t.offsets.begin(), t.offsets.end(), t.offsets.begin());
  std::vector<int64_t> next(t.offsets.begin(), t.offsets.end() - 1);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t k = offsets[i]; k < offsets[i + 1]; ++k) {
      const int64_t place = next[index[k]]++;
      t.index[place] = static_cast<int32_t>(i);
      t.value[place] = value[k];
    }
  }
  return t;
}

Vectors spectral_embedding(int64_t n, int32_t size, uint64_t seed, const SymmetricMap& map) {
  const int64_t width = std::min<int64_t>(n, size + kOversampling);
  Matrix q(n, width);
  const uint64_t draws = stream(seed, "spectral_embedding");
  for (size_t i = 0; i < q.values.size(); ++i) q.values[i] = normal_pair(draws, i).first;
  orthonormalize(q);
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    q = map(q);
    orthonormalize(q);
  }
  Matrix small = inner(q, map(q));
  const Matrix rotation = jacobi(small);
  const Matrix basis = product(q, rotation);
  std::vector<int64_t> order(static_cast<size_t>(width));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::abs(small.row(a)[a]) > std::abs(small.row(b)[b]);
  });
  Vectors vectors{n, size, std::vector<float>(static_cast<size_t>(n) * size)};
  for (int64_t j = 0; j < std::min<int64_t>(size, width); ++j) {
    const int64_t column = order[j];
    double largest = 0;
    for (int64_t i = 0; i < n; ++i) {
      if (std::abs(basis.row(i)[column]) > std::abs(largest)) largest = basis.row(i)[column];
    }
    const double scale = std::copysign(std::sqrt(std::abs(small.row(column)[column])), largest);
    for (int64_t i = 0; i < n; ++i)
      vectors.row(i)[j] = static_cast<float>(scale * basis.row(i)[column]);
  }
  return vectors;
}

Affine pca(const Vectors& vectors, int32_t size, uint64_t seed) {
  Matrix centred(vectors.rows, vectors.size);
  std::vector<double> mean(static_cast<size_t>(vectors.size));
  for (int32_t d = 0; d < vectors.size; ++d) {
    for (int64_t i = 0; i < vectors.rows; ++i) mean[d] += vectors.row(i)[d];
    mean[d] /= static_cast<double>(std::max<int64_t>(1, vectors.rows));
    for (int64_t i = 0; i < vectors.rows; ++i) centred.row(i)[d] = vectors.row(i)[d] - mean[d];
  }
  const Vectors scores = spectral_embedding(vectors.rows, size, seed, [&](const Matrix& q) {
    return product(centred, inner(centred, q));
  });
  // scores = U s, so the loadings are centred^T scores / s^2; a component without variance has none
  double largest = 0;
  Affine map{{size, vectors.size, std::vector<float>(static_cast<size_t>(size) * vectors.size)},
             std::vector<float>(static_cast<size_t>(size))};
  for (int32_t j = 0; j < size; ++j) {
    double square = 0, bias = 0;
    std::vector<double> loading(static_cast<size_t>(vectors.size));
    for (int64_t i = 0; i < vectors.rows; ++i) {
      const double score = scores.row(i)[j];
      square += score * score;
      for (int32_t d = 0; d < vectors.size; ++d) loading[d] += score * centred.row(i)[d];
    }
    largest = std::max(largest, square);
    if (square <= 1e-10 * largest) continue;
    for (int32_t d = 0; d < vectors.size; ++d) {
      map.weight.row(j)[d] = static_cast<float>(loading[d] / square);
      bias -= loading[d] / square * mean[d];
    }
    map.bias[j] = static_cast<float>(bias);
  }
  return map;
}

}  // namespace rexp::codebook
