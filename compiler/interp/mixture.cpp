#include "compiler/interp/mixture.h"

#include <numeric>
#include <vector>

#include "runtime/abi/row_helpers.h"
#include "runtime/base/random.h"

namespace rexp::interp {

int32_t draw(const row::Mixture& mixture, const int64_t* row, uint64_t stream, RexpSink* sink) {
  const auto position = static_cast<uint64_t>(row[0]);
  const int64_t* rows = row + 1;
  const size_t tasks = mixture.weights.size();
  std::vector<int64_t> quotas(tasks);
  if (mixture.unit == row::MixtureUnit::shares) {
    quotas = row::share_quotas(mixture.weights);
  } else {
    for (size_t i = 0; i < tasks; ++i) quotas[i] = row::copy_quota(mixture.weights[i], rows[i]);
  }
  for (size_t i = 0; i < tasks; ++i) {
    if (quotas[i] > 0 && rows[i] == 0) return REXP_USER;
  }
  const auto size =
      static_cast<uint64_t>(std::accumulate(quotas.begin(), quotas.end(), int64_t{0}));
  if (size == 0) return REXP_USER;

  const uint64_t block = position / size;
  uint64_t place = permute(size, position % size, rexp::stream(rexp::stream(stream, 0), block));
  size_t task = 0;
  while (place >= static_cast<uint64_t>(quotas[task]))
    place -= static_cast<uint64_t>(quotas[task++]);
  const uint64_t k = block * static_cast<uint64_t>(quotas[task]) + place;
  const auto n = static_cast<uint64_t>(rows[task]);
  const uint64_t key = rexp::stream(rexp::stream(stream, 1 + task), k / n);
  const uint64_t chosen = permute(n, k % n, key);
  sink->value = abi::pack({static_cast<int64_t>(task), static_cast<int64_t>(chosen)});
  return REXP_OK;
}

}  // namespace rexp::interp
