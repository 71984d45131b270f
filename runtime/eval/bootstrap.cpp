#include "runtime/eval/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"

namespace rexp::eval {
namespace {

/// Means of every resample: [columns][resamples].
std::vector<std::vector<double>> resample(std::span<const double> values, int64_t users,
                                          int64_t columns, const BootstrapOptions& options) {
  std::vector<std::vector<double>> means(columns, std::vector<double>(options.resamples));
  std::vector<double> sums(columns);
  for (int r = 0; r < options.resamples; ++r) {
    const uint64_t draws = stream(options.stream, static_cast<uint64_t>(r));
    std::fill(sums.begin(), sums.end(), 0);
    for (int64_t u = 0; u < users; ++u) {
      const double* row = values.data() + below(draws, u, users) * columns;
      for (int64_t c = 0; c < columns; ++c) sums[c] += row[c];
    }
    for (int64_t c = 0; c < columns; ++c) means[c][r] = sums[c] / static_cast<double>(users);
  }
  return means;
}

/// Quantile `q` of sorted values, linear between neighbours.
double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// Means of every resample of users and of seeds; empty without users or resamples.
std::vector<double> seed_means(std::span<const double> values, int64_t users, int64_t seeds,
                               const BootstrapOptions& options) {
  REXP_ASSERT(static_cast<int64_t>(values.size()) == users * seeds,
              "bootstrap: values and shape differ");
  if (values.empty() || options.resamples == 0) return {};
  const std::vector<std::vector<double>> by_seed = resample(values, users, seeds, options);
  std::vector<double> means(options.resamples, 0);
  for (int r = 0; r < options.resamples; ++r) {
    const uint64_t draws = stream(stream(options.stream, "seeds"), static_cast<uint64_t>(r));
    for (int64_t s = 0; s < seeds; ++s) means[r] += by_seed[below(draws, s, seeds)][r];
    means[r] /= static_cast<double>(seeds);
  }
  return means;
}

/// The mean of `values`, between the quantiles of their resamples' means.
Interval interval_of(std::span<const double> values, std::vector<double> means,
                     const BootstrapOptions& options) {
  if (values.empty()) return {};
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  if (means.empty()) return {mean, mean, mean};
  std::sort(means.begin(), means.end());
  const double tail = (1 - options.level) / 2;
  return {mean, quantile(means, tail), quantile(means, 1 - tail)};
}

/// The number of standard deviations that enclose `level` of a normal distribution.
double normal_width(double level) {
  double low = 0, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (std::erf(middle / std::numbers::sqrt2) < level ? low : high) = middle;
  }
  return low;
}

}  // namespace

Interval interval_of_equals(double value, double least, double most, int64_t users, double level) {
  const double z = normal_width(level), share = z * z / (static_cast<double>(users) + z * z);
  return {value, value - share * std::max(0.0, value - least),
          value + share * std::max(0.0, most - value)};
}

std::vector<Interval> bootstrap(std::span<const double> values, int64_t users, int64_t columns,
                                const BootstrapOptions& options) {
  REXP_ASSERT(static_cast<int64_t>(values.size()) == users * columns,
              "bootstrap: values and shape differ");
  std::vector<Interval> out(columns);
  if (users == 0) return out;
  for (int64_t u = 0; u < users; ++u)
    for (int64_t c = 0; c < columns; ++c) out[c].mean += values[u * columns + c];
  for (Interval& column : out)
    column.mean /= static_cast<double>(users), column.low = column.high = column.mean;
  if (options.resamples == 0) return out;

  std::vector<std::vector<double>> means = resample(values, users, columns, options);
  const double tail = (1 - options.level) / 2;
  for (int64_t c = 0; c < columns; ++c) {
    std::sort(means[c].begin(), means[c].end());
    out[c].low = quantile(means[c], tail);
    out[c].high = quantile(means[c], 1 - tail);
  }
  return out;
}

Difference paired_difference(std::span<const double> a, std::span<const double> b,
                             const BootstrapOptions& options) {
  return seeds_difference(a, b, static_cast<int64_t>(a.size()), 1, options);
}

Interval seeds_bootstrap(std::span<const double> values, int64_t users, int64_t seeds,
                         const BootstrapOptions& options) {
  return interval_of(values, seed_means(values, users, seeds, options), options);
}

Difference seeds_difference(std::span<const double> a, std::span<const double> b, int64_t users,
                            int64_t seeds, const BootstrapOptions& options) {
  REXP_ASSERT(a.size() == b.size(), "a paired difference needs the same users");
  std::vector<double> difference(a.size());
  for (size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
  const std::vector<double> means = seed_means(difference, users, seeds, options);
  Difference out;
  out.interval = interval_of(difference, means, options);
  if (means.empty()) return out;
  int64_t not_above = 0, not_below = 0;
  for (double mean : means) not_above += mean <= 0, not_below += mean >= 0;
  out.p_value = std::min(1.0, 2.0 * static_cast<double>(std::min(not_above, not_below) + 1) /
                                  (options.resamples + 1.0));
  return out;
}

std::vector<double> holm(const std::vector<double>& p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> out(p_values.size());
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, p_values[order[i]] * static_cast<double>(order.size() - i));
    out[order[i]] = std::min(1.0, largest);
  }
  return out;
}

}  // namespace rexp::eval
