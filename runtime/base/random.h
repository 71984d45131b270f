// Counter-based random numbers. There is no global generator: a draw is a pure function of (stream, counter), so workers
// may run in any order and a resumed run needs only the number of the step.
//
//   uint64_t s = stream(seed, "movie_rec/sft");      // one stream per node
//   uint64_t e = stream(s, epoch, row);              // one per example
//   double u = uniform(e, /*use=*/0);                // in [0, 1)
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <utility>

namespace rexp {

/// SplitMix64 finaliser: a bijection of 64 bits with full avalanche (Steele, Lea, Flood 2014).
constexpr uint64_t mix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

constexpr uint64_t kChildStream = 0x632BE59BD9B4E019ull;

/// A child stream of `parent` named by a number (or several).
constexpr uint64_t stream(uint64_t parent, uint64_t a) {
  return mix64(parent ^ mix64(a + kChildStream));
}
constexpr uint64_t stream(uint64_t parent, uint64_t a, uint64_t b) {
  return stream(stream(parent, a), b);
}

/// A child stream of `parent` named by a text.
constexpr uint64_t stream(uint64_t parent, std::string_view name) {
  uint64_t h = 0xCBF29CE484222325ull;
  for (char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  return stream(parent, h);
}

/// Draw number `use` of a stream: 64 random bits.
constexpr uint64_t bits(uint64_t s, uint64_t use) { return mix64(s ^ mix64(use)); }
/// Draw number `use` of a stream, uniform in [0, 1) with 53 bits.
constexpr double uniform(uint64_t s, uint64_t use) {
  return static_cast<double>(bits(s, use) >> 11) * 0x1.0p-53;
}
/// Draw number `use` of a stream, uniform in 0..n-1.
constexpr uint64_t below(uint64_t s, uint64_t use, uint64_t n) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits(s, use)) * n) >> 64);
}

/// Draw number `use` of a stream, two independent standard normals (Box and Muller 1958).
inline std::pair<double, double> normal_pair(uint64_t s, uint64_t use) {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform(s, 2 * use)));
  const double angle = 2.0 * std::numbers::pi * uniform(s, 2 * use + 1);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

/// Image of `index` under a fixed permutation of 0..n-1 chosen by `key` (four-round Feistel network, cycle walking).
constexpr uint64_t permute(uint64_t n, uint64_t index, uint64_t key) {
  if (n <= 1) return 0;
  int half = 1;
  while ((uint64_t{1} << (2 * half)) < n) ++half;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  uint64_t x = index;
  do {
    uint64_t left = x >> half, right = x & mask;
    for (uint64_t round = 0; round < 4; ++round) {
      const uint64_t next = left ^ (bits(key, (round << 48) ^ right) & mask);
      left = right;
      right = next;
    }
    x = (left << half) | right;
  } while (x >= n);
  return x;
}

}  // namespace rexp
