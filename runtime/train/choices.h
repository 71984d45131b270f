// A softmax over what can follow, instead of over the whole vocabulary. A token of a semantic id is chosen among the codes of its
// level, or among the children of its node in the catalogue's trie; text is chosen among the vocabulary as ever.
//
//   catalogue 00 01 10      trie:   - -> {0, 1}    0 -> {0, 1}    1 -> {0}       (a choice among one costs nothing)
//                           levels: 1 -> {0, 1}    2 -> {0, 1}
//
// With choices of the trie the probabilities of all items of the catalogue sum to 1 for every prompt, so that the token loss is the log
// loss of the item (a proper score), and no text row is computed for an id.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/decode/catalogue.h"
#include "runtime/train/example.h"
#include "runtime/train/loss.h"
#include "runtime/train/vocabulary_growth.h"

namespace rexp::train {

enum class ChosenAmong : uint8_t { level, trie };

class Choices {
 public:
  /// Of every item of these codebooks. `rows`: matrix row of every id.
  static Result<Choices> create(ChosenAmong among, const std::vector<CodebookInput>& codebooks,
                                const RowOfId& rows);

  /// For every token of the example the index of its set, -1 for text. Internal error: an id that is no item of the catalogue.
  Status of(const Example& example, std::vector<int32_t>* out) const;

  /// Sum of w_i (logsumexp over the set of label i - its logit), divided by in.weight; `smoothing` spreads a share evenly over the set.
  LossOutput loss(const LossInput& in, double smoothing) const;

 private:
  /// The codes that occur at a level of a codebook; the sets of the level are made of them.
  struct Level {
    std::vector<int32_t> tokens;                       // ascending
    std::vector<int64_t> rows;                         // of the matrix
    std::unordered_map<int64_t, int64_t> code_of_row;  // index into the two above
  };
  struct Set {
    size_t level = 0;                // index into levels_
    std::vector<int32_t> codes;      // ascending
    std::vector<int32_t> following;  // set behind each code; -1 behind the last level
  };

  Status add_levels(const decode::Catalogue& catalogue, const RowOfId& rows);
  int32_t add_level_sets(size_t first_level);
  int32_t add_node(const decode::Catalogue& catalogue, size_t first_level, int level,
                   decode::Node node);
  int32_t root_of(int32_t token) const;
  int32_t following(int32_t set, int32_t token) const;
  /// True where a set leaves a code of its level out: bool [sets, codes]; undefined where all hold all codes.
  at::Tensor excluded(const std::vector<int32_t>& sets, const Level& level) const;
  at::Tensor level_losses(const LossInput& in, const Level& level,
                          const std::vector<int64_t>& labels, double smoothing) const;

  std::vector<Level> levels_;
  std::vector<Set> sets_;
  std::vector<int32_t> roots_;  // the set of each codebook's first level
};

}  // namespace rexp::train
