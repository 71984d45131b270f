#include "runtime/text/bpe.h"

#include <algorithm>
#include <queue>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"

namespace rexp::text {
namespace {

constexpr uint32_t kNoRank = UINT32_MAX;
constexpr uint32_t kNowhere = UINT32_MAX;

uint64_t hash_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }
uint64_t pair_of(int32_t left, int32_t right) {
  return (static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32) | static_cast<uint32_t>(right);
}
size_t power_of_two_for(size_t entries) {
  size_t slots = 64;
  while (slots < entries + entries / 2) slots *= 2;  // at most two thirds full
  return slots;
}

}  // namespace

struct Bpe::Symbol {
  uint32_t begin, size;
  int32_t id;
  uint32_t previous, next;  // positions in the vector; kNowhere at the ends
  Joined with_next;         // what merging with the next symbol would give
};

void Bpe::reserve(size_t tokens, size_t bytes) {
  tokens_.reserve(tokens);
  arena_.reserve(bytes);
  grow_texts(power_of_two_for(tokens));
}

void Bpe::grow_texts(size_t slots) {
  if (slots <= texts_.size()) return;
  const std::vector<TextSlot> old = std::exchange(texts_, std::vector<TextSlot>(slots));
  const size_t mask = slots - 1;
  for (const TextSlot& slot : old) {
    if (slot.id < 0) continue;
    size_t at = hash_of(bytes(slot.id)) & mask;
    while (texts_[at].id >= 0) at = (at + 1) & mask;
    texts_[at] = slot;
  }
}

bool Bpe::add(int32_t id, std::string_view bytes, bool reachable) {
  REXP_ASSERT(id >= 0, "a token id is negative");
  const auto index = static_cast<size_t>(id);
  if (index >= tokens_.size()) tokens_.resize(index + 1);
  if (bytes.empty() || tokens_[index].size != 0) return false;
  if (reachable) {
    grow_texts(power_of_two_for(text_count_ + 1));
    const size_t mask = texts_.size() - 1;
    const uint64_t hash = hash_of(bytes);
    const auto tag = static_cast<uint32_t>(hash >> 32);
    size_t at = hash & mask;
    for (; texts_[at].id >= 0; at = (at + 1) & mask) {
      if (texts_[at].tag == tag && this->bytes(texts_[at].id) == bytes) return false;
    }
    texts_[at] = {tag, id};
    ++text_count_;
  }
  tokens_[index] = {static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(bytes.size())};
  arena_.append(bytes);
  return true;
}

void Bpe::finish(std::vector<Merge> merges) {
  grow_texts(64);
  for (int b = 0; b < 256; ++b) {
    const char c = static_cast<char>(b);
    byte_ids_[b] = find({&c, 1});
  }
  if (order_ == Order::by_id) return;
  merges_ = std::move(merges);
  made_by_.assign(tokens_.size(), -1);
  pairs_.assign(power_of_two_for(merges_.size()), {});
  const size_t mask = pairs_.size() - 1;
  for (size_t m = 0; m < merges_.size(); ++m) {
    const Merge& merge = merges_[m];
    const uint64_t pair = pair_of(merge.left, merge.right);
    size_t at = mix64(pair) & mask;
    while (pairs_[at].result >= 0 && pairs_[at].pair != pair) at = (at + 1) & mask;
    pairs_[at] = {pair, static_cast<uint32_t>(m),
                  merge.result};  // a pair listed twice has the later rank
    if (made_by_[merge.result] < 0) made_by_[merge.result] = static_cast<int32_t>(m);
  }
  whole_.assign(tokens_.size(), false);
  std::vector<int32_t> ids;
  for (int32_t id = 0; id < size(); ++id) {
    if (bytes(id).empty() || find(bytes(id)) != id) continue;
    ids.clear();
    merge(bytes(id), kNoRank, &ids);
    whole_[id] = ids.size() == 1 && ids[0] == id;
  }
}

std::string_view Bpe::bytes(int32_t id) const {
  if (id < 0 || id >= size()) return {};
  return std::string_view(arena_).substr(tokens_[id].begin, tokens_[id].size);
}

int32_t Bpe::find(std::string_view bytes) const {
  const size_t mask = texts_.size() - 1;
  const uint64_t hash = hash_of(bytes);
  const auto tag = static_cast<uint32_t>(hash >> 32);
  for (size_t at = hash & mask; texts_[at].id >= 0; at = (at + 1) & mask) {
    if (texts_[at].tag == tag && this->bytes(texts_[at].id) == bytes) return texts_[at].id;
  }
  return -1;
}

std::optional<std::pair<int32_t, int32_t>> Bpe::parts(int32_t id) const {
  if (bytes(id).size() < 2) return std::nullopt;
  if (order_ == Order::by_list) {
    if (made_by_[id] < 0) return std::nullopt;
    const Merge& merge = merges_[made_by_[id]];
    return std::pair(merge.left, merge.right);
  }
  std::vector<int32_t> ids;  // what the token's bytes are just before the merge that makes it
  merge(bytes(id), static_cast<uint32_t>(id), &ids);
  if (ids.size() != 2) return std::nullopt;
  return std::pair(ids[0], ids[1]);
}

void Bpe::encode_piece(std::string_view piece, std::vector<int32_t>* out) const {
  const int32_t id = find(piece);
  if (id >= 0 && (order_ == Order::by_id || ignore_merges_ || whole_[id])) {
    out->push_back(id);
    return;
  }
  merge(piece, kNoRank, out);
}

Bpe::Joined Bpe::join(std::string_view piece, const Symbol& left, const Symbol& right) const {
  if (order_ == Order::by_id) {
    const int32_t id = find(piece.substr(left.begin, left.size + right.size));
    return {id < 0 ? kNoRank : static_cast<uint32_t>(id), id};
  }
  const size_t mask = pairs_.size() - 1;
  const uint64_t pair = pair_of(left.id, right.id);
  for (size_t at = mix64(pair) & mask; pairs_[at].result >= 0; at = (at + 1) & mask) {
    if (pairs_[at].pair == pair) return {pairs_[at].rank, pairs_[at].result};
  }
  return {kNoRank, -1};
}

std::vector<Bpe::Symbol> Bpe::first_symbols(std::string_view piece) const {
  std::vector<Symbol> symbols;
  symbols.reserve(piece.size());
  bool after_unknown = false;
  for (uint32_t i = 0; i < piece.size(); ++i) {
    int32_t id = byte_ids_[static_cast<unsigned char>(piece[i])];
    const bool unknown = id < 0;
    if (unknown) {
      if (unknown_ < 0 || (fuse_unknown_ && after_unknown)) continue;
      id = unknown_;
    }
    after_unknown = unknown;
    const auto at = static_cast<uint32_t>(symbols.size());
    symbols.push_back({i, 1, id, at == 0 ? kNowhere : at - 1, at + 1, {kNoRank, -1}});
  }
  if (!symbols.empty()) symbols.back().next = kNowhere;
  return symbols;
}

void Bpe::merge(std::string_view piece, uint32_t limit, std::vector<int32_t>* out) const {
  std::vector<Symbol> symbols = first_symbols(piece);
  using Candidate =
      std::pair<uint32_t,
                uint32_t>;  // rank, position: the lowest rank first, of equals the leftmost
  std::vector<Candidate> storage;
  storage.reserve(symbols.size() * 2);
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue({},
                                                                               std::move(storage));
  const auto consider = [&](uint32_t at) {
    Symbol& left = symbols[at];
    left.with_next =
        left.next == kNowhere ? Joined{kNoRank, -1} : join(piece, left, symbols[left.next]);
    if (left.with_next.rank < limit) queue.push({left.with_next.rank, at});
  };
  for (uint32_t at = 0; at + 1 < symbols.size(); ++at) consider(at);
  while (!queue.empty()) {
    const auto [rank, at] = queue.top();
    queue.pop();
    Symbol& left = symbols[at];
    if (left.size == 0 || left.with_next.rank != rank)
      continue;  // one of the two has been merged since
    Symbol& right = symbols[left.next];
    left.id = left.with_next.id;
    left.size += right.size;
    left.next = right.next;
    right.size = 0;
    if (left.next != kNowhere) symbols[left.next].previous = at;
    consider(at);
    if (left.previous != kNowhere) consider(left.previous);
  }
  for (const Symbol& symbol : symbols) {
    if (symbol.size != 0) out->push_back(symbol.id);
  }
}

}  // namespace rexp::text
