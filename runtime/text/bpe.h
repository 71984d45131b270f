// Tokens as bytes and the merging of a piece into them.
//
//   Bpe bpe(Bpe::Order::by_id);
//   bpe.add(0, "a"); bpe.add(1, "b"); bpe.add(2, "ab"); bpe.finish({});
//   bpe.encode_piece("abab", &ids);    // 2 2
//
// A tiktoken vocabulary merges the adjacent pair whose joined bytes have the lowest id (the id is the rank). A tokenizer.json
// lists its merges: the pair that stands first in the list goes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rexp::text {

struct Merge {
  int32_t left, right, result;
};

class Bpe {
 public:
  enum class Order : uint8_t { by_id, by_list };

  explicit Bpe(Order order) : order_(order) {}

  /// Room for so many tokens and bytes.
  void reserve(size_t tokens, size_t bytes);
  /// Adds a token. False when the id is taken or its bytes are already a token. `reachable` is false for a token that no
  /// text spells (a special token listed in the vocabulary): merging never makes it.
  bool add(int32_t id, std::string_view bytes, bool reachable = true);
  /// Ends the building. `merges` in order of priority; empty for Order::by_id.
  void finish(std::vector<Merge> merges);
  /// With Order::by_list: a piece that is a token is that token, whatever the merges would make of it.
  void set_ignore_merges(bool ignore) { ignore_merges_ = ignore; }
  /// Stands for bytes that are no token (-1: they are left out); `fuse`: neighbours share one.
  void set_unknown(int32_t id, bool fuse) { unknown_ = id, fuse_unknown_ = fuse; }

  /// Appends the ids of one piece. Thread-safe.
  void encode_piece(std::string_view piece, std::vector<int32_t>* out) const;

  /// Bytes of a token; empty when there is no such token.
  std::string_view bytes(int32_t id) const;
  /// The token with these bytes, -1 when there is none.
  int32_t find(std::string_view bytes) const;
  /// The two tokens a token was merged from; nullopt for one that is not made by merging.
  std::optional<std::pair<int32_t, int32_t>> parts(int32_t id) const;
  /// One more than the largest id.
  int32_t size() const { return static_cast<int32_t>(tokens_.size()); }
  Order order() const { return order_; }
  /// The listed merges, first is applied first (empty for Order::by_id).
  const std::vector<Merge>& merges() const { return merges_; }
  bool ignore_merges() const { return ignore_merges_; }
  int32_t unknown() const { return unknown_; }
  bool fuse_unknown() const { return fuse_unknown_; }

 private:
  struct Span {
    uint32_t begin = 0;
    uint32_t size = 0;
  };
  struct TextSlot {
    uint32_t tag = 0;  // high half of the hash
    int32_t id = -1;
  };
  struct PairSlot {
    uint64_t pair = ~uint64_t{0};
    uint32_t rank = 0;
    int32_t result = -1;
  };
  struct Symbol;
  struct Joined {
    uint32_t rank;
    int32_t id;
  };

  void grow_texts(size_t slots);
  Joined join(std::string_view piece, const Symbol& left, const Symbol& right) const;
  std::vector<Symbol> first_symbols(std::string_view piece) const;
  /// Merges until no pair of rank below `limit` is left.
  void merge(std::string_view piece, uint32_t limit, std::vector<int32_t>* out) const;

  Order order_;
  bool ignore_merges_ = false;
  bool fuse_unknown_ = false;
  int32_t unknown_ = -1;
  std::string arena_;
  std::vector<Span> tokens_;     // by id
  std::vector<TextSlot> texts_;  // open addressing, size a power of two
  size_t text_count_ = 0;
  std::vector<PairSlot> pairs_;  // open addressing over (left, right), by_list only
  std::vector<Merge> merges_;
  std::vector<int32_t> made_by_;  // id -> index of the first merge that makes it, by_list only
  std::vector<bool> whole_;       // id -> a piece with exactly its bytes becomes this one token
  int32_t byte_ids_[256] = {};
};

}  // namespace rexp::text
