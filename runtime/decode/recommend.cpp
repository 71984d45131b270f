#include "runtime/decode/recommend.h"

#include <algorithm>
#include <cstdio>

#include "runtime/base/assert.h"

namespace rexp::decode {
namespace {

constexpr int64_t kNotedRank = 10;  // the note on proven lists speaks of the first ten answers

Result<std::vector<Request>> requests_of(const model::Vocabulary& vocabulary,
                                         const text::Tokenizer* tokenizer,
                                         const std::vector<std::vector<int32_t>>& prompts) {
  std::vector<Request> requests(prompts.size());
  for (size_t u = 0; u < prompts.size(); ++u)
    for (int32_t id : prompts[u])
      if (!vocabulary.append_rows(id, tokenizer, &requests[u].prompt))
        return user_error(
            "prompt " + std::to_string(u) + " has the token " + std::to_string(id) +
                ", which the model does not own and cannot spell",
            "use the tokenizer the model was trained with, or train a stage that adds the token");
  return requests;
}

/// Appends a ranking: every allowed item of every answer, in the order of the catalogue.
void add_entries(const Allowed& allowed, const Ranking& ranking, eval::Guesses* list) {
  int32_t rank = 0;
  for (const Answer& answer : ranking.answers) {
    if (answer.key < 0)
      list->add(-1, rank, answer.score, answer.tokens);
    else
      for (int32_t item : allowed.items_of(answer.key))
        list->add(item, rank, answer.score, answer.tokens);
    ++rank;
  }
  list->end_user();
}

std::string proven_note(const std::vector<std::vector<Ranking>>& found, size_t which,
                        eval::Seen seen, int64_t beams) {
  int64_t proven = 0;
  const int64_t wanted = std::min(kNotedRank, beams);
  for (const std::vector<Ranking>& rankings : found) {
    const int64_t length = static_cast<int64_t>(rankings[which].answers.size());
    proven += rankings[which].certified() >= std::min(wanted, length);
  }
  char text[160];
  std::snprintf(text, sizeof text,
                "seen = %s: the first %lld answers are proven to be the best of the whole search "
                "space for %.1f %% of users",
                eval::to_string(seen), static_cast<long long>(wanted),
                found.empty()
                    ? 0.0
                    : 100.0 * static_cast<double>(proven) / static_cast<double>(found.size()));
  return text;
}

}  // namespace

Result<Recommendations> recommend(const model::Decoder& decoder,
                                  const model::Vocabulary& vocabulary,
                                  const text::Tokenizer* tokenizer, const Catalogue& catalogue,
                                  const RecommendInput& input, const SearchOptions& options,
                                  const Progress& progress) {
  const size_t users = input.prompts.size();
  REXP_ASSERT(input.histories.size() == users || input.histories.empty(),
              "histories of other users");
  Result<Searcher> searcher = Searcher::create(decoder, vocabulary, catalogue, options);
  if (!searcher.ok()) return searcher.error();
  Result<std::vector<Request>> requests = requests_of(vocabulary, tokenizer, input.prompts);
  if (!requests.ok()) return requests.error();

  std::vector<Exclusion> seen_items(users);
  for (size_t u = 0; u < users; ++u) {
    if (!input.histories.empty()) seen_items[u] = Exclusion(catalogue, input.histories[u]);
    for (eval::Seen seen : input.seen)
      (*requests)[u].searches.push_back(
          {&catalogue, input.within, seen == eval::Seen::drop ? &seen_items[u] : nullptr});
  }
  Result<std::vector<std::vector<Ranking>>> found = searcher->run(*requests, progress);
  if (!found.ok()) return found.error();

  Recommendations out;
  for (size_t which = 0; which < input.seen.size(); ++which) {
    eval::Guesses& list =
        out.lists.emplace_back(eval::Guesses::empty(catalogue.depth(), input.seen[which]));
    for (size_t u = 0; u < users; ++u)
      add_entries((*requests)[u].searches[which], (*found)[u][which], &list);
    out.notes.push_back(proven_note(*found, which, input.seen[which], options.beams));
  }
  return out;
}

}  // namespace rexp::decode
