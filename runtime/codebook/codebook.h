// Semantic ids: L codes per item, learnt once, owned by name and hash.
//
//   item 0 "Toy Story"  ->  <|sid_17|><|sid_70|><|sid_187|><|sid_192|>      flat code = offset of
//   the level + code
//
// Tokens that another tool has named keep their names: item 0 -> <a_17><b_6><c_59>.
//
// The hash covers codes, level sizes and surfaces, not the names of the book and its items; a model carries it with those of the
// books that this one extends, and everything that prints or decodes SIDs compares them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/lineage.h"

namespace rexp::codebook {

/// Tokens of an id that a search can walk, the one for clashes included.
inline constexpr int kMostSearched = 8;
/// Codes of all levels of a codebook: each is a token with a row in the model's matrices.
inline constexpr int32_t kMostCodes = 1 << 20;

struct Codebook {
  std::string name;
  std::vector<int32_t> level_sizes;         // extra level included
  bool extra_level = false;                 // the last level separates clashes
  std::vector<std::vector<int32_t>> codes;  // [items][levels]
  std::string surface = "<|sid_{}|>";       // {} is the flat code
  std::vector<std::string>
      level_surfaces;  // of the first levels, {} is the code of the level: "<a_{}>"
  std::optional<std::string> open, close;
  std::vector<std::string> items;  // as the data calls them; empty where nobody says
  std::vector<std::string>
      extends;  // hashes of the books whose items keep their tokens in this one

  int depth() const { return static_cast<int>(level_sizes.size()); }
  int32_t level_offset(int level) const;  // sum of the sizes of the levels before
  int32_t flat_count() const;             // sum of all level sizes
  /// Surface forms of all tokens it adds, in id order: flat codes 0.., then open, then close where
  /// declared.
  std::vector<std::string> tokens() const;
  /// Places in `tokens()` that some item's id is made of, marks included.
  std::vector<bool> used() const;
  /// xxh128 over the codes and how they look, 32 hex digits: books that print the same tokens are
  /// the same book.
  std::string hash() const;
  Lineage lineage() const { return {hash(), extends}; }
};

/// Where a tokenizer has the tokens of a codebook: an id by place in tokens(); -1 where it has none and no item needs it.
using TokenIds = std::vector<int32_t>;
/// The tokens one behind the other.
TokenIds consecutive_ids(const Codebook& codebook, int32_t first_id);

/// {"0": ["<a_17>", "<b_6>", ..], ..}: the ids as other projects read them (index_file.h).
std::string index_text(const Codebook& codebook);

/// What keeps level sizes from being those of a codebook; empty when nothing does.
std::string fault_of_sizes(const std::vector<int32_t>& level_sizes);

// codebook.json; a reader checks that codes are in range and that the hash still fits.
Status save(const Codebook& codebook, const std::string& path);
Result<Codebook> load_codebook(const std::string& path);

}  // namespace rexp::codebook
