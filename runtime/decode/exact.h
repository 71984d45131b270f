// The score of every item: what a beam search approximates. Every chain of all codes but the last
// is run on its own behind the prompt (no beams, no ancestors, no pruning), so this is also the
// oracle that the search is tested against.
//
//   auto scores = exact_scores(decoder, vocabulary, catalogue, ScoreRule::model, prompt_rows);
//   Ranking best = exact_ranking(catalogue, *scores, {&catalogue}, 10);
//
// Cost: (distinct prefixes of depth L - 1) x (L - 1) tokens a prompt; meant for search-error
// studies and catalogues of thousands.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/decode/catalogue.h"
#include "runtime/decode/level_head.h"
#include "runtime/decode/search.h"

namespace rexp::decode {

/// Summed log-probability of every key under a rule. Errors: as Searcher::create and Searcher::run.
Result<std::vector<double>> exact_scores(const model::Decoder& decoder,
                                         const model::Vocabulary& vocabulary,
                                         const Catalogue& catalogue, ScoreRule rule,
                                         std::span<const int64_t> prompt);

/// The best `count` allowed keys; ties: the smaller key first.
Ranking exact_ranking(const Catalogue& catalogue, std::span<const double> scores,
                      const Allowed& allowed, int64_t count);

}  // namespace rexp::decode
