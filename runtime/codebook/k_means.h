// Residual k-means: level by level, cluster what the levels before left over.
//
//   x  ->  nearest of 64 centroids  ->  x - centroid  ->  nearest of the next 64  -> ..
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/codebook/vectors.h"

namespace rexp::codebook {

struct KMeansOptions {
  int64_t iterations = 50;  // of Lloyd at most; it stops when no item changes its cluster
  uint64_t seed = 0;
};

struct Clusters {
  std::vector<int32_t> of;  // [rows]
  Vectors centroids;        // [clusters, size]
};

/// k-means++ (Arthur, Vassilvitskii 2007), then Lloyd. An empty cluster takes the item that is
/// farthest from its own centroid. Every item ends at its nearest centroid, ties at the lower
/// number; the result does not depend on the number of threads.
Clusters k_means(const Vectors& vectors, int32_t clusters, const KMeansOptions& options);

/// The nearest centroid of every vector, of equals the lower number.
std::vector<int32_t> nearest(const Vectors& vectors, const Vectors& centroids);

/// Centroids of each level, learnt on what the levels before leave over.
std::vector<Vectors> residual_k_means(const Vectors& vectors, const std::vector<int32_t>& levels,
                                      const KMeansOptions& options);

}  // namespace rexp::codebook
