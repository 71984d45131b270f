#include "runtime/decode/catalogue.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "runtime/base/assert.h"

namespace rexp::decode {
namespace {

int code_width(uint32_t largest) { return largest < (1u << 8) ? 1 : largest < (1u << 16) ? 2 : 4; }

Status check(const std::vector<std::vector<int32_t>>& tokens, std::span<const int64_t> order) {
  if (tokens.empty()) return user_error("the catalogue has no item", "give it at least one");
  const size_t depth = tokens[0].size();
  if (depth < 1 || depth > kMaxDepth)
    return user_error("the catalogue's first item has " + std::to_string(depth) +
                      " tokens, one to eight are possible");
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].size() != depth)
      return user_error("item " + std::to_string(i) + " has " + std::to_string(tokens[i].size()) +
                        " tokens, the items before it have " + std::to_string(depth));
    for (int32_t token : tokens[i])
      if (token < 0)
        return user_error("item " + std::to_string(i) + " has the token " + std::to_string(token));
  }
  REXP_ASSERT(order.empty() || order.size() == tokens.size(),
              "an order of another number of items");
  return {};
}

}  // namespace

CodeColumn::CodeColumn(const std::vector<uint32_t>& codes, uint32_t largest)
    : width_(code_width(largest)), data_(codes.size() * static_cast<size_t>(width_)) {
  for (size_t i = 0; i < codes.size(); ++i)
    std::memcpy(&data_[i * width_], &codes[i], width_);  // little endian
}

template <class F>
auto CodeColumn::visit(F f) const {
  switch (width_) {
    case 1: return f(data_.data());
    case 2: return f(reinterpret_cast<const uint16_t*>(data_.data()));
    default: return f(reinterpret_cast<const uint32_t*>(data_.data()));
  }
}

uint32_t CodeColumn::operator[](int64_t key) const {
  return visit([&](const auto* codes) -> uint32_t { return codes[key]; });
}

int64_t CodeColumn::run_end(int64_t from, int64_t end) const {
  return visit([&](const auto* codes) -> int64_t {
    const auto code = codes[from];
    int64_t low = from + 1;
    for (int64_t step = 1; low < end && codes[low] == code; step *= 2) {
      const int64_t next = std::min(end, low + step);
      if (codes[next - 1] != code)
        return std::partition_point(codes + low, codes + next, [&](auto c) { return c == code; }) -
               codes;
      low = next;
    }
    return low;
  });
}

int64_t CodeColumn::lower_bound(int64_t low, int64_t high, uint32_t code) const {
  return visit([&](const auto* codes) -> int64_t {
    return std::partition_point(codes + low, codes + high, [&](auto c) { return c < code; }) -
           codes;
  });
}

Result<Catalogue> Catalogue::build(const std::vector<std::vector<int32_t>>& tokens,
                                   std::span<const int64_t> order) {
  REXP_TRY(check(tokens, order));
  const int64_t count = static_cast<int64_t>(tokens.size());
  const int depth = static_cast<int>(tokens[0].size());
  Catalogue c;
  c.items_.resize(count);
  std::iota(c.items_.begin(), c.items_.end(), 0);
  std::sort(c.items_.begin(), c.items_.end(), [&](int32_t a, int32_t b) {
    if (const auto by_key = tokens[a] <=> tokens[b]; by_key != 0) return by_key < 0;
    if (!order.empty() && order[a] != order[b]) return order[a] > order[b];
    return a < b;
  });

  c.offsets_.push_back(0);
  for (int64_t p = 1; p < count; ++p)
    if (tokens[c.items_[p]] != tokens[c.items_[p - 1]]) c.offsets_.push_back(p);
  c.keys_ = static_cast<int64_t>(c.offsets_.size());
  c.offsets_.push_back(count);

  for (int level = 0; level < depth; ++level) {
    std::vector<int32_t> distinct;
    for (const auto& key : tokens) distinct.push_back(key[level]);
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    std::vector<uint32_t> codes(c.keys_);
    for (int64_t k = 0; k < c.keys_; ++k) {
      const int32_t token = tokens[c.items_[c.offsets_[k]]][level];
      codes[k] = static_cast<uint32_t>(std::lower_bound(distinct.begin(), distinct.end(), token) -
                                       distinct.begin());
    }
    c.columns_.emplace_back(codes, static_cast<uint32_t>(distinct.size() - 1));
    c.level_tokens_.push_back(std::move(distinct));
  }

  c.key_of_item_.resize(count);
  c.position_of_item_.resize(count);
  for (int64_t k = 0; k < c.keys_; ++k) {
    for (int64_t p = c.offsets_[k]; p < c.offsets_[k + 1]; ++p) {
      c.key_of_item_[c.items_[p]] = k;
      c.position_of_item_[c.items_[p]] = p;
    }
  }
  if (c.keys_ == count) c.offsets_ = {};
  return c;
}

Result<Catalogue> Catalogue::from_codebook(const codebook::Codebook& codebook,
                                           const codebook::TokenIds& ids,
                                           std::span<const int64_t> order) {
  std::vector<std::vector<int32_t>> tokens;
  tokens.reserve(codebook.codes.size());
  for (const std::vector<int32_t>& codes : codebook.codes) {
    std::vector<int32_t>& item = tokens.emplace_back();
    for (size_t level = 0; level < codes.size(); ++level)
      item.push_back(
          ids[static_cast<size_t>(codebook.level_offset(static_cast<int>(level)) + codes[level])]);
  }
  return build(tokens, order);
}

std::vector<int32_t> Catalogue::tokens(int64_t key) const {
  std::vector<int32_t> out(depth());
  for (int level = 0; level < depth(); ++level) out[level] = token(key, level);
  return out;
}

Node Catalogue::child(int level, Node node, int32_t token) const {
  const std::vector<int32_t>& known = level_tokens_[level];
  const auto at = std::lower_bound(known.begin(), known.end(), token);
  if (at == known.end() || *at != token) return {node.low, node.low};
  const auto code = static_cast<uint32_t>(at - known.begin());
  const int64_t low = columns_[level].lower_bound(node.low, node.high, code);
  return {low, columns_[level].lower_bound(low, node.high, code + 1)};
}

int64_t Catalogue::find(std::span<const int32_t> tokens) const {
  if (static_cast<int>(tokens.size()) != depth()) return -1;
  Node node = root();
  for (int level = 0; level < depth() && node.size() > 0; ++level)
    node = child(level, node, tokens[level]);
  return node.size() > 0 ? node.low : -1;
}

std::span<const int32_t> Catalogue::items_of(int64_t key) const {
  const int64_t first = position(key);
  return {items_.data() + first, static_cast<size_t>(position(key + 1) - first)};
}

int64_t Catalogue::index_bytes() const {
  int64_t bytes =
      static_cast<int64_t>(items_.size() * sizeof(int32_t) + offsets_.size() * sizeof(int64_t));
  for (const CodeColumn& column : columns_) bytes += column.bytes();
  return bytes;
}

}  // namespace rexp::decode
