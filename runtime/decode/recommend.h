// A model as a recommender: prompts in, ranked lists of items out, one list per treatment of what
// the user has already seen.
//
//   RecommendInput input{prompts, histories, {Seen::keep, Seen::drop}};
//   auto r = recommend(decoder, artifact.vocabulary, &tokenizer, catalogue, input, {});
//   r->lists[1];      // Guesses with seen = drop
//
// Prompts are ids of the full tokenizer; a token that the model does not own becomes the tokens it
// is merged from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/decode/catalogue.h"
#include "runtime/decode/search.h"
#include "runtime/eval/guesses.h"
#include "runtime/text/tokenizer.h"

namespace rexp::decode {

struct RecommendInput {
  std::vector<std::vector<int32_t>> prompts;    // per user, ids of the full tokenizer
  std::vector<std::vector<int32_t>> histories;  // per user, items seen; only `drop` needs them
  std::vector<eval::Seen> seen = {eval::Seen::keep};
  const ItemSet* within = nullptr;  // constrained searches only
};

struct Recommendations {
  std::vector<eval::Guesses> lists;  // one per entry of `seen`; tokens: ids of the full tokenizer
  std::vector<std::string> notes;
};

/// Errors: a prompt with a token that cannot be spelt, a prompt longer than the model's positions,
/// and those of Searcher.
Result<Recommendations> recommend(const model::Decoder& decoder,
                                  const model::Vocabulary& vocabulary,
                                  const text::Tokenizer* tokenizer, const Catalogue& catalogue,
                                  const RecommendInput& input, const SearchOptions& options,
                                  const Progress& progress = {});

}  // namespace rexp::decode
