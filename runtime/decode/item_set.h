// Which items a search may end in: a bitmap over the catalogue's items in the order of their keys,
// with a rank directory.
//
// A trie node is a range of positions in that order, so "is anything allowed below this node" is
// one subtraction of two ranks: no mask is folded through the trie, and any predicate over items
// can be swapped in between two searches.
//
//   ItemSet comedies = ItemSet::of(catalogue, [&](int64_t item) { return is_comedy[item]; });
//   Exclusion seen(catalogue, history);            // a user's own few items, on top
//   Allowed allowed{&catalogue, &comedies, &seen};
//   allowed.count(node);                           // items below the node that may be returned
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/decode/catalogue.h"

namespace rexp::decode {

/// A set of items, as bits in key order. One 32-bit rank per 512 bits.
class ItemSet {
 public:
  /// The items of the catalogue for which `allowed(item)` holds.
  template <class F>
  static ItemSet of(const Catalogue& catalogue, F allowed) {
    std::vector<uint64_t> words((catalogue.items() + 63) / 64);
    for (int64_t p = 0; p < catalogue.items(); ++p)
      if (allowed(catalogue.item_at(p))) words[p / 64] |= uint64_t{1} << (p % 64);
    return ItemSet(std::move(words), catalogue.items());
  }
  /// `words`: bit p is the item at position p of the catalogue.
  ItemSet(std::vector<uint64_t> words, int64_t items);

  bool holds(int64_t position) const { return (words_[position / 64] >> (position % 64)) & 1; }
  /// Number of items of the set before `position`.
  int64_t rank(int64_t position) const;
  int64_t size() const { return rank(items_); }

 private:
  int64_t items_;
  std::vector<uint64_t> words_;  // padded to whole blocks of eight, and one block more
  std::vector<uint32_t> ranks_;  // bits before each block
};

/// A few items that one search must not return (what the user has already seen), as sorted
/// positions.
class Exclusion {
 public:
  Exclusion() = default;
  /// Items outside 0..items()-1 are ignored; repeated ones count once.
  Exclusion(const Catalogue& catalogue, std::span<const int32_t> items);
  bool holds(int64_t position) const;
  std::span<const int64_t> positions() const { return positions_; }

 private:
  std::vector<int64_t> positions_;
};

/// Everything that limits one search. Null means no limit.
struct Allowed {
  const Catalogue* catalogue = nullptr;
  const ItemSet* within = nullptr;
  const Exclusion* without = nullptr;

  bool item(int64_t position) const {
    return (!within || within->holds(position)) && (!without || !without->holds(position));
  }
  /// Number of items below a node that may be returned.
  int64_t count(Node node) const;
  /// The items of a key that may be returned, in the key's order.
  std::vector<int32_t> items_of(int64_t key) const;
};

}  // namespace rexp::decode
