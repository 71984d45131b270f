// Beam search over semantic ids. A prompt is computed once and shared by all its beams: beams are
// query rows that look at the prompt's keys and values and at their own ancestors; nothing is
// copied or reordered. Level 1 comes out of the prompt itself, and nothing is computed behind the
// last level.
//
//   Result<Searcher> s = Searcher::create(decoder, vocabulary, catalogue, {.beams = 20});
//   Request request{prompt_rows, {{&catalogue}, {&catalogue, nullptr, &seen}}};
//   auto found = s->run({&request, 1});
//   (*found)[0][0].answers;    // of the first search, best first
//   (*found)[0][1].answers;    // of the second: without what the user has seen, same prompt
//
// Constrained: every answer is in the catalogue and allowed, no answer comes twice; where fewer are
// allowed than there are beams, the list is shorter. Unconstrained: any token of the model at every
// level; an answer that is no item has key -1.
//
// Items that a search must not return are left out while searching: no beam ends in them, so a list
// stays full without a beam that is wider by the length of the history.
// Ties: higher score first, then the smaller sequence of token ids.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/decode/catalogue.h"
#include "runtime/decode/item_set.h"
#include "runtime/decode/level_head.h"
#include "runtime/model/artifact.h"
#include "runtime/model/decoder.h"

namespace rexp::decode {

struct SearchOptions {
  int64_t beams = 20;  // 1: greedy
  ScoreRule rule = ScoreRule::model;
  bool constrained = true;      // unconstrained needs rule `model`
  int64_t users_per_batch = 0;  // 0: at most 32, and 256 MB of keys and values
};

struct Request {
  std::vector<int64_t> prompt;    // matrix rows, not empty; ends where the first code is to come
  std::vector<Allowed> searches;  // one ranking each; a free search may only have `without`
};

struct Answer {
  std::vector<int32_t> tokens;  // ids of the full tokenizer, one per level
  int64_t key = -1;             // of the catalogue; -1: no item
  double score = 0;             // summed log-probabilities
};

struct Ranking {
  std::vector<Answer> answers;  // best first
  double best_pruned = -std::numeric_limits<double>::infinity();

  /// How many of the first answers are proven to be the best there are: a prefix's score bounds all
  /// its completions, so whatever was pruned cannot beat an answer that scores at least as much.
  int64_t certified() const;
};

/// Called with how many prompts are done; false ends the search with an error of kind
/// `interrupted`.
using Progress = std::function<bool(int64_t done, int64_t total)>;

class Searcher {
 public:
  /// References are kept: they must outlive the searcher. Errors: no beam, a rule that an
  /// unconstrained search has not, a token of the catalogue that the model does not own.
  static Result<Searcher> create(const model::Decoder& decoder, const model::Vocabulary& vocabulary,
                                 const Catalogue& catalogue, const SearchOptions& options);

  /// Rankings per request and search. Error: an empty prompt, one that is longer than the model's
  /// positions allow.
  Result<std::vector<std::vector<Ranking>>> run(std::span<const Request> requests,
                                                const Progress& progress = {}) const;

 private:
  Searcher(const model::Decoder& decoder, const Catalogue& catalogue, LevelHead head,
           const SearchOptions& options);
  Result<std::vector<std::vector<Ranking>>> run_batch(
      std::span<const Request* const> requests) const;
  int64_t batch_size(int64_t longest_prompt, int64_t searches) const;

  const model::Decoder* decoder_;
  const Catalogue* catalogue_;
  LevelHead head_;
  SearchOptions options_;
};

}  // namespace rexp::decode
