// The part of a beam search that has no tensor: beams, how they are expanded and which survive.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/decode/search.h"

namespace rexp::decode {

using Path =
    std::array<int32_t, kMaxDepth>;  // one entry per level; behind the beam's own level zero

struct Beam {
  Path tokens{};  // ids of the full tokenizer
  Path slots{};   // where the keys and values of each token are, counted from the end of the prompt
  Node node;      // empty when the tokens are no prefix of an item
  double score = 0;
  int64_t row =
      -1;  // of the hidden states behind its last token; -1: none was computed, none is needed
};

/// One search of one user while it runs.
struct Search {
  Allowed allowed;
  std::vector<Beam> beams;
  double best_pruned = -std::numeric_limits<double>::infinity();
};

/// Does the next level need hidden states behind this beam? Not where only one item is left and
/// scores are relative to the trie.
bool needs_hidden(const Beam& beam, const SearchOptions& options);

/// Replaces the beams by the best `options.beams` of their children that lead to an allowed item.
void advance(Search* search, int level, const Catalogue& catalogue, const LevelScores& scores,
             const SearchOptions& options);

/// The same over the whole vocabulary: `tokens[row]` holds the likeliest tokens behind a row, at
/// least widest_list() of them.
void advance_freely(Search* search, int level, const Catalogue& catalogue,
                    const std::vector<std::vector<TokenScore>>& tokens,
                    const SearchOptions& options);
/// Tokens per row that advance_freely() needs to keep its promise: those it returns, those it must
/// leave out, and the best pruned.
int64_t widest_list(const Search& search, int level, int depth, const SearchOptions& options);

Ranking finish(const Search& search, int depth);

}  // namespace rexp::decode
