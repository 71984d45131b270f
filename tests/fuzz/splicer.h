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
  size_t form = 0;  // which alternative of the tree's variant
  size_t begin = 0, end = 0;
};

std::vector<Piece> pieces_of(const std::string& text);

class Splicer {
 public:
  explicit Splicer(std::vector<std::string> programs);
  std::string program(uint64_t seed, uint64_t round) const;

 private:
  struct Source {
    std::string text;
    std::vector<Piece> pieces;
  };
  friend class Edit;
  std::vector<Source> sources_;
};

}  // namespace rexp::fuzz
