#include "runtime/codebook/k_means.h"

#include <algorithm>
#include <limits>

#include "runtime/base/random.h"
#include "runtime/codebook/parallel.h"

namespace rexp::codebook {
namespace {

constexpr int64_t kGrain = 256;

/// Rows of the first centroids: each next one is drawn with probability proportional to the squared
/// distance to those before.
std::vector<int64_t> first_centroids(const Vectors& vectors, int32_t clusters, uint64_t draws) {
  std::vector<int64_t> chosen = {static_cast<int64_t>(below(draws, 0, vectors.rows))};
  std::vector<float> distance(static_cast<size_t>(vectors.rows), std::numeric_limits<float>::max());
  while (static_cast<int32_t>(chosen.size()) < clusters) {
    double total = 0;
    for (int64_t i = 0; i < vectors.rows; ++i) {
      distance[i] = std::min(
          distance[i],
          squared_distance<float>(vectors.row(i), vectors.row(chosen.back()), vectors.size));
      total += distance[i];
    }
    if (total == 0) {  // fewer distinct vectors than clusters
      chosen.push_back(static_cast<int64_t>(below(draws, chosen.size(), vectors.rows)));
      continue;
    }
    double left = uniform(draws, chosen.size()) * total;
    int64_t pick = 0;
    for (int64_t i = 0; i < vectors.rows; ++i) {
      if (distance[i] == 0) continue;
      pick = i;
      left -= distance[i];
      if (left < 0) break;
    }
    chosen.push_back(pick);
  }
  return chosen;
}

/// Nearest centroid of every item. Centroids are read transposed, so that the inner loop runs over
/// clusters.
void assign(const Vectors& vectors, const Vectors& centroids, std::vector<int32_t>& of,
            std::vector<float>& distance) {
  const int64_t clusters = centroids.rows;
  std::vector<float> transposed(static_cast<size_t>(clusters) * vectors.size);
  for (int64_t c = 0; c < clusters; ++c) {
    for (int32_t d = 0; d < vectors.size; ++d) transposed[d * clusters + c] = centroids.row(c)[d];
  }
  parallel_rows(vectors.rows, kGrain, [&](int64_t begin, int64_t end) {
    std::vector<float> sums(static_cast<size_t>(clusters));
    for (int64_t i = begin; i < end; ++i) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      for (int32_t d = 0; d < vectors.size; ++d) {
        const float x = vectors.row(i)[d];
        const float* column = transposed.data() + d * clusters;
        for (int64_t c = 0; c < clusters; ++c) sums[c] += (x - column[c]) * (x - column[c]);
      }
      const auto best = std::min_element(sums.begin(), sums.end());
      of[i] = static_cast<int32_t>(best - sums.begin());
      distance[i] = *best;
    }
  });
}

/// Gives every empty cluster the item that is worst off, out of a cluster that keeps another.
void repair_empty(std::vector<int32_t>& of, std::vector<float>& distance,
                  std::vector<int64_t>& count) {
  for (size_t c = 0; c < count.size(); ++c) {
    if (count[c] > 0) continue;
    int64_t worst = -1;
    for (size_t i = 0; i < of.size(); ++i) {
      if (count[of[i]] > 1 && distance[i] > (worst < 0 ? 0 : distance[worst]))
        worst = static_cast<int64_t>(i);
    }
    if (worst < 0) return;  // every item sits on its centroid
    --count[of[worst]];
    of[worst] = static_cast<int32_t>(c);
    distance[worst] = 0;
    count[c] = 1;
  }
}

void move_centroids(const Vectors& vectors, const std::vector<int32_t>& of,
                    const std::vector<int64_t>& count, Vectors& centroids) {
  std::vector<double> sums(static_cast<size_t>(centroids.rows) * vectors.size);
  for (int64_t i = 0; i < vectors.rows; ++i) {
    for (int32_t d = 0; d < vectors.size; ++d) sums[of[i] * vectors.size + d] += vectors.row(i)[d];
  }
  for (int64_t c = 0; c < centroids.rows; ++c) {
    for (int32_t d = 0; count[c] > 0 && d < vectors.size; ++d)
      centroids.row(c)[d] =
          static_cast<float>(sums[c * vectors.size + d] / static_cast<double>(count[c]));
  }
}

}  // namespace

Clusters k_means(const Vectors& vectors, int32_t clusters, const KMeansOptions& options) {
  Clusters result;
  result.of.assign(static_cast<size_t>(vectors.rows), -1);
  result.centroids = {clusters, vectors.size,
                      std::vector<float>(static_cast<size_t>(clusters) * vectors.size)};
  if (vectors.rows == 0) return result;
  const std::vector<int64_t> chosen =
      first_centroids(vectors, clusters, stream(options.seed, "k_means"));
  for (int32_t c = 0; c < clusters; ++c)
    std::copy_n(vectors.row(chosen[c]), vectors.size, result.centroids.row(c));
  std::vector<float> distance(static_cast<size_t>(vectors.rows));
  for (int64_t iteration = 0; iteration < std::max<int64_t>(1, options.iterations); ++iteration) {
    const std::vector<int32_t> before = result.of;
    assign(vectors, result.centroids, result.of, distance);
    std::vector<int64_t> count(static_cast<size_t>(clusters));
    for (int32_t c : result.of) ++count[c];
    repair_empty(result.of, distance, count);
    if (result.of == before) break;
    move_centroids(vectors, result.of, count, result.centroids);
  }
  assign(vectors, result.centroids, result.of, distance);
  return result;
}

std::vector<int32_t> nearest(const Vectors& vectors, const Vectors& centroids) {
  std::vector<int32_t> of(static_cast<size_t>(vectors.rows));
  std::vector<float> distance(of.size());
  assign(vectors, centroids, of, distance);
  return of;
}

std::vector<Vectors> residual_k_means(const Vectors& vectors, const std::vector<int32_t>& levels,
                                      const KMeansOptions& options) {
  std::vector<Vectors> centroids;
  Vectors residual = vectors;
  for (size_t level = 0; level < levels.size(); ++level) {
    Clusters clusters =
        k_means(residual, levels[level], {options.iterations, stream(options.seed, level)});
    for (int64_t i = 0; i < vectors.rows; ++i) {
      for (int32_t d = 0; d < vectors.size; ++d)
        residual.row(i)[d] -= clusters.centroids.row(clusters.of[i])[d];
    }
    centroids.push_back(std::move(clusters.centroids));
  }
  return centroids;
}

}  // namespace rexp::codebook
