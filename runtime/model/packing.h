// Sequences side by side in one flat stream, and how attention groups them.
//
//   Packed batch{tokens, {0, 5, 12}};   // int64 [12]; sequence 0 is [0, 5), sequence 1 is [5, 12)
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace rexp::model {

struct Packed {
  at::Tensor tokens;             // int64 [T], rows of the embedding matrix, on the model's device
  std::vector<int64_t> offsets;  // [sequences + 1], from 0 to T, ascending; no sequence is empty

  int64_t sequences() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t size() const { return offsets.back(); }
};

/// One flat CPU batch out of separate sequences, moved to `device`.
Packed pack(const std::vector<std::vector<int64_t>>& sequences, at::Device device = at::kCPU);

/// Sequences of similar length, padded on the right to the longest. With causal attention right
/// padding needs no mask: no real query looks at it.
struct Bucket {
  int64_t count = 0;   // sequences
  int64_t length = 0;  // of the longest
};

/// What attention needs to know about a batch; the same for all layers. Slots are the buckets' places
/// for tokens, laid end to end.
struct Layout {
  std::vector<int64_t> offsets;
  at::Tensor positions;  // int64 [T]: place of each token in its own sequence
  std::vector<Bucket> buckets;
  int64_t longest = 0;
  at::Tensor gather;      // int64 [slots]: stream position of each slot (a padding slot repeats the
                          // sequence's last token)
  at::Tensor scatter;     // int64 [T]: slot of each token
  bool in_order = false;  // no padding, and slot t holds token t: nothing needs to be moved
};

Layout layout(const std::vector<int64_t>& offsets, at::Device device);

}  // namespace rexp::model
