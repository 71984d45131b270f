// New programs out of old ones: pieces of the syntax tree trade places, so most of what comes out still parses and much of it has
// types. The same seed and round give the same program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rexp::fuzz {

/// A stretch of a text and what kind of thing it is: pieces of one kind may stand for each other.
struct Piece {
  enum class Kind : uint8_t { declaration, item, turn, type, expression, number, name } kind;
  size_t form =
      0;  // which alternative of the tree's variant; of a field's value: which field; of a number: its unit
  size_t begin = 0, end = 0;
};

std::vector<Piece> pieces_of(const std::string& text);

class Splicer {
 public:
  /// `whole`: programs without errors, which every new one begins as.
  Splicer(const std::vector<std::string>& whole, const std::vector<std::string>& broken);
  std::string program(uint64_t seed, uint64_t round) const;

 private:
  struct Source {
    std::string text;
    std::vector<Piece> pieces;
  };
  friend class Edit;
  std::vector<Source> sources_;
  size_t whole_ = 0;  // the first of them
};

}  // namespace rexp::fuzz
