#include "runtime/text/added_tokens.h"

#include "runtime/base/assert.h"

namespace rexp::text {

AddedTokens::AddedTokens() : nodes_(1) {}

int32_t AddedTokens::child(int32_t node, char byte) const {
  int32_t next = nodes_[node].first_child;
  while (next >= 0 && nodes_[next].byte != byte) next = nodes_[next].next_sibling;
  return next;
}

void AddedTokens::insert(int32_t id, std::string_view content) {
  REXP_ASSERT(!content.empty(), "an added token is empty");
  begins_[static_cast<unsigned char>(content[0])] = true;
  int32_t node = 0;
  for (const char byte : content) {
    int32_t next = child(node, byte);
    if (next < 0) {
      next = static_cast<int32_t>(nodes_.size());
      nodes_.push_back({-1, nodes_[node].first_child, -1, byte});
      nodes_[node].first_child = next;
    }
    node = next;
  }
  if (nodes_[node].id < 0) nodes_[node].id = id;
}

std::optional<AddedTokens::Match> AddedTokens::find(std::string_view text, size_t from) const {
  for (size_t begin = from; begin < text.size(); ++begin) {
    if (!begins_[static_cast<unsigned char>(text[begin])]) continue;
    Match best{begin, 0, -1};
    int32_t node = 0;
    for (size_t at = begin; at < text.size(); ++at) {
      node = child(node, text[at]);
      if (node < 0) break;
      if (nodes_[node].id >= 0) best = {begin, at + 1 - begin, nodes_[node].id};
    }
    if (best.size != 0) return best;
  }
  return std::nullopt;
}

std::optional<int32_t> AddedTokens::exact(std::string_view content) const {
  int32_t node = 0;
  for (const char byte : content) {
    node = child(node, byte);
    if (node < 0) return std::nullopt;
  }
  return nodes_[node].id >= 0 ? std::optional(nodes_[node].id) : std::nullopt;
}

}  // namespace rexp::text
