// Loops over rows that do not touch each other: the result is the same for any number of threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

namespace rexp::codebook {

/// Calls body(begin, end) on parts of 0..n, at least `grain` rows each. `body` must write rows of
/// its part only.
template <class Body>
void parallel_rows(int64_t n, int64_t grain, const Body& body) {
  const int64_t most = std::max<int64_t>(1, std::thread::hardware_concurrency());
  const int64_t parts = std::clamp<int64_t>(n / grain, 1, most);
  std::vector<std::thread> threads;
  for (int64_t part = 1; part < parts; ++part)
    threads.emplace_back([&, part] { body(n * part / parts, n * (part + 1) / parts); });
  body(0, n / parts);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace rexp::codebook
