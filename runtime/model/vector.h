// N floats at a time, for loops that the compiler does not vectorise by itself: GCC's and Clang's vector types.
//
//   template <int64_t N> REXP_INLINE void twice(const float* x, float* y, int64_t n) {      // n in whole vectors
//     for (int64_t i = 0; i < n; i += N) store<N>(y + i, load<N>(x + i) * 2.0f);
//   }
//   REXP_BY_VECTOR_WIDTH(twice, (const float* x, float* y, int64_t n), (x, y, n))           // void twice_by_width(..)
//
// Included by plain loops only. Everything is inlined: helpers are compiled for the CPU of the function that uses them.
#pragma once

#include <cstdint>
#include <cstring>

#define REXP_INLINE inline __attribute__((always_inline))

// Compiles a template over N for AVX-512, AVX2 and anything, and defines name_by_width, which runs what the CPU can. A vector wider than
// the CPU's would be correct, but GCC takes it through memory, at a sixth of the speed.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define REXP_BY_VECTOR_WIDTH(name, parameters, arguments)                                      \
  __attribute__((target("arch=x86-64-v4"))) void name##_512 parameters { name<16> arguments; } \
  __attribute__((target("arch=x86-64-v3"))) void name##_256 parameters { name<8> arguments; }  \
  void name##_128 parameters { name<4> arguments; }                                            \
  void name##_by_width parameters {                                                            \
    static const auto chosen = __builtin_cpu_supports("x86-64-v4")   ? name##_512              \
                               : __builtin_cpu_supports("x86-64-v3") ? name##_256              \
                                                                     : name##_128;             \
    chosen arguments;                                                                          \
  }
#else
#define REXP_BY_VECTOR_WIDTH(name, parameters, arguments) \
  void name##_by_width parameters { name<4> arguments; }
#endif

namespace rexp::model {

template <int64_t N>
struct Lanes {  // an alias alone would lose the attribute
  typedef float Floats __attribute__((vector_size(N * sizeof(float))));
  typedef int32_t Ints __attribute__((vector_size(N * sizeof(int32_t))));
};
template <int64_t N>
using Vec = typename Lanes<N>::Floats;
template <int64_t N>
using IntVec = typename Lanes<N>::Ints;

template <int64_t N>
REXP_INLINE Vec<N> load(const float* x) {
  Vec<N> v;
  std::memcpy(&v, x, sizeof v);
  return v;
}

template <int64_t N>
REXP_INLINE void store(float* x, const Vec<N>& v) {
  std::memcpy(x, &v, sizeof v);
}

template <int64_t N>
REXP_INLINE Vec<N> larger(const Vec<N>& a, const Vec<N>& b) {
  return a > b ? a : b;
}

template <int64_t N>
REXP_INLINE float sum(const Vec<N>& v) {
  float out = 0;
  for (int64_t l = 0; l < N; ++l) out += v[l];
  return out;
}

template <int64_t N>
REXP_INLINE float largest(const Vec<N>& v) {
  float out = v[0];
  for (int64_t l = 1; l < N; ++l) out = v[l] > out ? v[l] : out;
  return out;
}

/// e^x to two units in the last place; below -87 the smallest normal number. x = n ln 2 + r, e^r by Cephes' polynomial.
template <int64_t N>
REXP_INLINE Vec<N> exp(const Vec<N>& x_in) {
  constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23: adding it leaves no room for a fraction
  constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  const Vec<N> low = Vec<N>{} - 87.0f, high = Vec<N>{} + 88.0f;
  const Vec<N> above = x_in < low ? low : x_in, x = above > high ? high : above;  // nan stays nan
  const Vec<N> n = (x * 1.44269504f + kRounder) - kRounder;
  const Vec<N> r = (x - n * kLn2High) - n * kLn2Low;
  Vec<N> p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const IntVec<N> exponent = (__builtin_convertvector(n, IntVec<N>) + 127) << 23;
  Vec<N> power;
  std::memcpy(&power, &exponent, sizeof power);
  return p * power;
}

}  // namespace rexp::model
