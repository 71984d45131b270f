// Semantic ids: L codes per item, learnt once, owned by name and hash.
//
//   item 0 "Toy Story"  ->  <|sid_17|><|sid_70|><|sid_187|><|sid_192|>      flat code = offset of
//   the level + code
//
// The hash covers codes, level sizes and surface, not the name; a model carries it, and everything
// that prints or decodes SIDs compares it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::codebook {

/// Tokens of an id that a search can walk, the one for clashes included.
inline constexpr int kMostSearched = 8;

struct Codebook {
  std::string name;
  std::vector<int32_t> level_sizes;         // extra level included
  bool extra_level = false;                 // the last level separates clashes
  std::vector<std::vector<int32_t>> codes;  // [items][levels]
  std::string surface = "<|sid_{}|>";       // {} is the flat code
  std::optional<std::string> open, close;

  int depth() const { return static_cast<int>(level_sizes.size()); }
  int32_t level_offset(int level) const;  // sum of the sizes of the levels before
  int32_t flat_count() const;             // sum of all level sizes
  /// Surface forms of all tokens it adds, in id order: flat codes 0.., then open, then close where
  /// declared.
  std::vector<std::string> tokens() const;
  /// xxh128 over everything above but the name, 32 hex digits: books that print the same tokens are
  /// the same book.
  std::string hash() const;
};

// codebook.json; a reader checks that codes are in range and that the hash still fits.
Status save(const Codebook& codebook, const std::string& path);
Result<Codebook> load_codebook(const std::string& path);

}  // namespace rexp::codebook
