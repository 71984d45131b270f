// The items that may be recommended, as a sorted array of semantic ids.
//
// A search over semantic ids walks a trie: which tokens may follow `<|sid_17|><|sid_70|>`, and is
// anything behind them? Sorted keys answer without a trie: all keys with the same first codes lie
// side by side, so a node is a range [low, high) of keys, and its children are the runs of equal
// codes in the next column.
//
//   keys   level 1  2  3  items
//   0            0  1  0  [4]          root           = [0, 4)
//   1            0  1  2  [0, 7]       node (0)       = [0, 3)   children 1 -> [0, 2), 3 -> [2, 3)
//   2            0  3  1  [2]          node (0, 1)    = [0, 2)   children 0 -> [0, 1), 2 -> [1, 2)
//   3            5  1  0  [1]          items 0 and 7 share a semantic id
//
// One column of codes per level, each as narrow as the level allows (1, 2 or 4 bytes): four levels
// of 256 codes take four bytes an item. A code is the rank of a token among the tokens that occur
// at its level, so keys are ordered as their tokens.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/codebook.h"

namespace rexp::decode {

inline constexpr int kMaxDepth = codebook::kMostSearched;

/// A run of keys that agree on the codes of the levels above.
struct Node {
  int64_t low = 0, high = 0;
  int64_t size() const { return high - low; }
  bool operator==(const Node&) const = default;
};

/// One level's codes, in 1, 2 or 4 bytes each.
class CodeColumn {
 public:
  CodeColumn() = default;
  CodeColumn(const std::vector<uint32_t>& codes, uint32_t largest);
  uint32_t operator[](int64_t key) const;
  /// First key of (from, end] whose code is not that of `from`: gallops, then bisects, O(log run).
  int64_t run_end(int64_t from, int64_t end) const;
  /// First key of [low, high) with a code >= `code`, in a range where codes ascend.
  int64_t lower_bound(int64_t low, int64_t high, uint32_t code) const;
  int64_t bytes() const { return static_cast<int64_t>(data_.size()); }

 private:
  template <class F>
  auto visit(F f) const;
  int width_ = 1;
  std::vector<uint8_t> data_;
};

class Catalogue {
 public:
  /// `tokens[i]`: the L token ids of item i. `order`: items that share a key are listed by
  /// descending `order[item]` (popularity), then by index; empty: by index. Errors: no item,
  /// lengths that differ, depth outside 1..8, an id < 0.
  static Result<Catalogue> build(const std::vector<std::vector<int32_t>>& tokens,
                                 std::span<const int64_t> order = {});

  /// Items of a codebook, whose tokens the model has at these ids.
  static Result<Catalogue> from_codebook(const codebook::Codebook& codebook,
                                         const codebook::TokenIds& ids,
                                         std::span<const int64_t> order = {});

  int depth() const { return static_cast<int>(columns_.size()); }
  int64_t keys() const { return keys_; }
  int64_t items() const { return static_cast<int64_t>(items_.size()); }
  Node root() const { return {0, keys_}; }

  /// Distinct tokens that occur at a level (0-based), ascending: a code is an index into it.
  const std::vector<int32_t>& level_tokens(int level) const { return level_tokens_[level]; }
  int32_t token(int64_t key, int level) const { return level_tokens_[level][columns_[level][key]]; }
  std::vector<int32_t> tokens(int64_t key) const;

  /// Calls f(code, child) for every child of a node at `level`, in ascending order of codes.
  template <class F>
  void for_children(int level, Node node, F f) const {
    const CodeColumn& column = columns_[level];
    for (int64_t low = node.low; low < node.high;) {
      const int64_t high = column.run_end(low, node.high);
      f(column[low], Node{low, high});
      low = high;
    }
  }
  /// The child that `token` leads to; empty (size 0) where there is none.
  Node child(int level, Node node, int32_t token) const;
  /// The key with exactly these tokens, or -1.
  int64_t find(std::span<const int32_t> tokens) const;

  /// Items of a key, and the key of an item.
  std::span<const int32_t> items_of(int64_t key) const;
  int64_t key_of(int64_t item) const { return key_of_item_[item]; }
  /// Items stand in the order of their keys: position of a key's first item (`key` may be keys()),
  /// and an item's own.
  int64_t position(int64_t key) const { return offsets_.empty() ? key : offsets_[key]; }
  int64_t position_of(int64_t item) const { return position_of_item_[item]; }
  int32_t item_at(int64_t position) const { return items_[position]; }

  /// Bytes of keys and item lists (without the reverse maps).
  int64_t index_bytes() const;

 private:
  int64_t keys_ = 0;
  std::vector<CodeColumn> columns_;
  std::vector<std::vector<int32_t>> level_tokens_;
  std::vector<int64_t> offsets_;  // [keys + 1]; empty when every key has one item
  std::vector<int32_t> items_;
  std::vector<int64_t> key_of_item_, position_of_item_;
};

}  // namespace rexp::decode
