// Which codebooks give the same tokens to the items that they share.
//
//   codebook sid   { of = films.items; .. }                              hash 5d.., extends nothing
//   codebook grown { of = more.items; learn = extended { of = sid; .. }  hash 9a.., extends 5d..
//
// A model that learnt one of them can be asked about the other.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace rexp::codebook {

struct Lineage {
  std::string hash;                       // Codebook::hash()
  std::vector<std::string> extends = {};  // hashes of the books that it extends, the nearest first

  bool is_extension_of(const Lineage& other) const {
    return std::find(extends.begin(), extends.end(), other.hash) != extends.end();
  }
  /// One book, or one extends the other. Two extensions of a third are not: each gave the free codes to items of its own.
  bool agrees_with(const Lineage& other) const {
    return hash == other.hash || is_extension_of(other) || other.is_extension_of(*this);
  }
};

}  // namespace rexp::codebook
