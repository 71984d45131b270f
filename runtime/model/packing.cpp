#include "runtime/model/packing.h"

#include <algorithm>
#include <numeric>

#include "runtime/base/assert.h"

namespace rexp::model {
namespace {

/// A bucket may hold this much padding for each real token. Padding costs only attention, a small
/// part of a layer; small buckets cost kernel starts.
constexpr double kPaddingAllowed = 0.15;
constexpr int64_t kFewSlots = 64;  // this much padding is always worth one kernel start less

at::Tensor to_tensor(const std::vector<int64_t>& values, at::Device device) {
  return at::tensor(values, at::TensorOptions(at::kLong)).to(device);
}

/// Cuts `order` (sequences by descending length) into runs whose padding stays small; returns the
/// ends.
std::vector<size_t> cut(const std::vector<int64_t>& order, const std::vector<int64_t>& length) {
  std::vector<size_t> ends;
  int64_t longest = 0, padding = 0, real = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const int64_t n = length[static_cast<size_t>(order[i])];
    const int64_t more = padding + longest - n;
    if (i > 0 && more > kFewSlots &&
        static_cast<double>(more) > kPaddingAllowed * static_cast<double>(real + n)) {
      ends.push_back(i);
      padding = real = longest = 0;
    }
    if (longest == 0) longest = n;
    padding += longest - n;
    real += n;
  }
  ends.push_back(order.size());
  return ends;
}

}  // namespace

Packed pack(const std::vector<std::vector<int64_t>>& sequences, at::Device device) {
  Packed out;
  out.offsets.push_back(0);
  std::vector<int64_t> flat;
  for (const auto& sequence : sequences) {
    flat.insert(flat.end(), sequence.begin(), sequence.end());
    out.offsets.push_back(static_cast<int64_t>(flat.size()));
  }
  out.tokens = to_tensor(flat, device);
  return out;
}

Layout layout(const std::vector<int64_t>& offsets, at::Device device) {
  REXP_ASSERT(offsets.size() >= 2 && offsets.front() == 0, "a batch needs a sequence");
  const size_t count = offsets.size() - 1;
  std::vector<int64_t> length(count), order(count), positions(static_cast<size_t>(offsets.back())),
      scatter(positions.size());
  for (size_t s = 0; s < count; ++s) {
    length[s] = offsets[s + 1] - offsets[s];
    REXP_ASSERT(length[s] > 0, "a sequence of a batch is empty");
    std::iota(positions.begin() + offsets[s], positions.begin() + offsets[s + 1], 0);
  }
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return length[static_cast<size_t>(a)] > length[static_cast<size_t>(b)];
  });
  Layout out;
  out.offsets = offsets;
  out.longest = length[static_cast<size_t>(order.front())];
  std::vector<int64_t> gather;
  size_t begin = 0;
  for (size_t end : cut(order, length)) {
    const Bucket bucket{static_cast<int64_t>(end - begin),
                        length[static_cast<size_t>(order[begin])]};
    for (size_t i = begin; i < end; ++i) {
      const auto s = static_cast<size_t>(order[i]);
      for (int64_t t = 0; t < bucket.length; ++t) {
        if (t < length[s])
          scatter[static_cast<size_t>(offsets[s] + t)] = static_cast<int64_t>(gather.size());
        gather.push_back(offsets[s] + std::min(t, length[s] - 1));
      }
    }
    out.buckets.push_back(bucket);
    begin = end;
  }
  out.in_order = gather.size() == scatter.size() && std::is_sorted(gather.begin(), gather.end());
  out.positions = to_tensor(positions, device);
  out.gather = to_tensor(gather, device);
  out.scatter = to_tensor(scatter, device);
  return out;
}

}  // namespace rexp::model
