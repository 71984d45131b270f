#include "runtime/decode/item_set.h"

#include <algorithm>

#include "runtime/base/assert.h"

namespace rexp::decode {
namespace {

constexpr int64_t kBlockWords = 8;  // 512 bits per rank

}  // namespace

ItemSet::ItemSet(std::vector<uint64_t> words, int64_t items)
    : items_(items), words_(std::move(words)) {
  REXP_ASSERT(static_cast<int64_t>(words_.size()) == (items + 63) / 64,
              "a bitmap of another number of items");
  const int64_t blocks = items / (kBlockWords * 64) + 1;  // a rank may be asked at `items` itself
  words_.resize(blocks * kBlockWords);
  ranks_.resize(blocks);
  uint32_t before = 0;
  for (int64_t block = 0; block < blocks; ++block) {
    ranks_[block] = before;
    for (int64_t w = 0; w < kBlockWords; ++w)
      before += std::popcount(words_[block * kBlockWords + w]);
  }
}

int64_t ItemSet::rank(int64_t position) const {
  const int64_t word = position / 64;
  int64_t count = ranks_[word / kBlockWords];
  for (int64_t w = word / kBlockWords * kBlockWords; w < word; ++w)
    count += std::popcount(words_[w]);
  const uint64_t below = (uint64_t{1} << (position % 64)) - 1;
  return count + std::popcount(words_[word] & below);
}

Exclusion::Exclusion(const Catalogue& catalogue, std::span<const int32_t> items) {
  for (int32_t item : items)
    if (item >= 0 && item < catalogue.items()) positions_.push_back(catalogue.position_of(item));
  std::sort(positions_.begin(), positions_.end());
  positions_.erase(std::unique(positions_.begin(), positions_.end()), positions_.end());
}

bool Exclusion::holds(int64_t position) const {
  return std::binary_search(positions_.begin(), positions_.end(), position);
}

int64_t Allowed::count(Node node) const {
  const int64_t low = catalogue->position(node.low), high = catalogue->position(node.high);
  int64_t count = within ? within->rank(high) - within->rank(low) : high - low;
  if (without && count > 0) {
    const std::span<const int64_t> gone = without->positions();
    for (auto p = std::lower_bound(gone.begin(), gone.end(), low); p != gone.end() && *p < high;
         ++p)
      if (!within || within->holds(*p)) --count;
  }
  return count;
}

std::vector<int32_t> Allowed::items_of(int64_t key) const {
  std::vector<int32_t> items;
  for (int64_t p = catalogue->position(key); p < catalogue->position(key + 1); ++p)
    if (item(p)) items.push_back(catalogue->item_at(p));
  return items;
}

}  // namespace rexp::decode
