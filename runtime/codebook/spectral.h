// Truncated spectral embeddings without a dense matrix: PPMI-SVD, text SVD and PCA are one routine
// with three linear maps.
#pragma once

#include <functional>

#include "runtime/codebook/affine.h"
#include "runtime/codebook/vectors.h"

namespace rexp::codebook {

/// Row-major doubles.
struct Matrix {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<double> values;
  Matrix(int64_t r, int64_t c) : rows(r), columns(c), values(static_cast<size_t>(r * c)) {}
  double* row(int64_t i) { return values.data() + i * columns; }
  const double* row(int64_t i) const { return values.data() + i * columns; }
};

/// Compressed sparse rows.
struct SparseMatrix {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<int64_t> offsets;  // [rows + 1]
  std::vector<int32_t> index;
  std::vector<double> value;
  /// this * q, [rows, q.columns]
  Matrix times(const Matrix& q) const;
  SparseMatrix transposed() const;
};

/// A symmetric linear map of n-vectors, applied to the columns of a matrix.
using SymmetricMap = std::function<Matrix(const Matrix&)>;

/// U_size * sqrt(|lambda_size|): the `size` eigenvectors of largest |eigenvalue|, scaled; [n,
/// size], in falling order, each with its largest entry positive. Columns beyond the rank are zero.
/// Block power iteration with oversampling (Halko, Martinsson, Tropp 2011) and a Rayleigh-Ritz
/// step; the same bits for the same seed, whatever the number of threads.
Vectors spectral_embedding(int64_t n, int32_t size, uint64_t seed, const SymmetricMap& map);

/// The map to the first `size` principal components: loadings * (x - mean).
Affine pca(const Vectors& vectors, int32_t size, uint64_t seed);

}  // namespace rexp::codebook
