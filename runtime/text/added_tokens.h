// Finds added tokens in raw text: leftmost first, the longest where several begin at the same place.
//
//   AddedTokens added; added.insert(7, "<|sid_1|>"); added.insert(8, "<|sid_12|>");
//   added.find("x<|sid_12|>", 0)       // begin 1, size 10, id 8
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rexp::text {

class AddedTokens {
 public:
  struct Match {
    size_t begin, size;
    int32_t id;
  };

  AddedTokens();
  /// `content` must not be empty. A content that is there already keeps its first id.
  void insert(int32_t id, std::string_view content);
  /// The first match at or behind `from`.
  std::optional<Match> find(std::string_view text, size_t from) const;
  /// The token that is exactly `content`.
  std::optional<int32_t> exact(std::string_view content) const;

 private:
  struct Node {
    int32_t first_child = -1, next_sibling = -1;
    int32_t id = -1;  // of the token that ends here
    char byte = 0;
  };
  int32_t child(int32_t node, char byte) const;

  std::vector<Node> nodes_;         // a trie; node 0 is the root
  std::array<bool, 256> begins_{};  // can a token begin with this byte
};

}  // namespace rexp::text
