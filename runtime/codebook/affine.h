// An affine map of vectors, W x + b: the projection of a PCA, a layer of an encoder.
//
//   Affine projection = pca(vectors, 64, seed);
//   Vectors scores = projection.of(vectors);
#pragma once

#include <vector>

#include "runtime/codebook/vectors.h"

namespace rexp::codebook {

struct Affine {
  Vectors weight;           // [out, in]
  std::vector<float> bias;  // [out]
  /// One row after the other, every sum in the same order: a vector's image depends neither on its neighbours nor on threads.
  Vectors of(const Vectors& x) const;
};

}  // namespace rexp::codebook
