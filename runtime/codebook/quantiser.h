// What gives a vector its codes, kept beside the codes, so that items that come later get theirs and nobody is renumbered.
//
//   x  ->  (x - shift) * scale  ->  layers, ReLU between two  ->  nearest of 256 centroids  ->  what is left over  ->  nearest ..
//
// Residual k-means has one layer where it reduces the vectors and none otherwise; a residual-quantised autoencoder has its encoder.
// A quantiser is no part of a codebook's hash: equal codes are the same book, whoever gave them.
#pragma once

#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/affine.h"
#include "runtime/codebook/vectors.h"

namespace rexp::codebook {

struct Quantiser {
  std::vector<float> shift, scale;  // of every number of a vector; empty: as it is
  std::vector<Affine> layers;
  std::vector<Vectors> centroids;  // of each level, [codes, width]

  int32_t input_size() const;
  std::vector<int32_t> level_sizes() const;
  /// Where centroids live. `vectors` must have input_size() numbers each.
  Vectors latent(const Vectors& vectors) const;
  /// [rows][levels]. Ties go to the lower code; a vector's codes depend on nothing but the vector. User error: vectors of another size.
  Result<std::vector<std::vector<int32_t>>> encode(const Vectors& vectors) const;
  /// One level: appends the code of every residual to its codes and leaves what the centroid does not explain.
  static void take_level(const Vectors& centroids, Vectors* residual,
                         std::vector<std::vector<int32_t>>* codes);
};

}  // namespace rexp::codebook
