// How sure is a mean over users? Percentile bootstrap: draw the users again with replacement, many
// times, and look where the middle 95 % of the means fall.
//
// Draw u of resample r is a pure function of (stream, r, u). Two systems evaluated on the same
// users with the same stream see the same resamples, so differences are paired without storing
// anything.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rexp::eval {

struct Interval {
  double mean = 0, low = 0, high = 0;
};

struct BootstrapOptions {
  int resamples = 10000;
  double level = 0.95;
  uint64_t stream = 0;
};

/// Intervals of the column means of `values` (row-major [users, columns]); all columns share the
/// draws. Zero users: all zero. Zero resamples: low = high = mean.
std::vector<Interval> bootstrap(std::span<const double> values, int64_t users, int64_t columns,
                                const BootstrapOptions& options);

/// The interval of a mean over users who all have the same `value`: every resample is that value too, and says nothing. None of
/// `users` differs, so the share that would differ is at most z^2 / (users + z^2) (Wilson 1927), and the mean is at most so far from
/// `value` as values from `least` to `most` in that share bring it. For shares of 0 and 1 this is Wilson's interval.
Interval interval_of_equals(double value, double least, double most, int64_t users, double level);

struct Difference {
  Interval interval;   // of mean(a) - mean(b)
  double p_value = 1;  // two-sided: twice the smaller share of resamples on the other side of zero,
                       // at least 1 / (n + 1)
  bool resolved() const { return interval.low > 0 || interval.high < 0; }
};

/// Paired bootstrap of the difference of two systems on the same users.
Difference paired_difference(std::span<const double> a, std::span<const double> b,
                             const BootstrapOptions& options);

// Several trainings of one system that differ in their seed: `values` are [users, seeds], and a resample draws users as above and seeds
// as whole columns, since the users of one training are not independent of each other. One seed: the same as without.
Interval seeds_bootstrap(std::span<const double> values, int64_t users, int64_t seeds,
                         const BootstrapOptions& options);
/// Of a and b, paired by user and by seed.
Difference seeds_difference(std::span<const double> a, std::span<const double> b, int64_t users,
                            int64_t seeds, const BootstrapOptions& options);

/// P-values of several comparisons with one and the same, adjusted so that by chance alone one of them is below .05 in 5 % of the
/// cases at most (Holm 1979).
std::vector<double> holm(const std::vector<double>& p_values);

}  // namespace rexp::eval
