#include "runtime/decode/search.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <exception>
#include <map>
#include <numeric>

#include "runtime/base/assert.h"
#include "runtime/decode/beams.h"
#include "runtime/model/packing.h"

namespace rexp::decode {
namespace {

constexpr int64_t kCacheBytes = int64_t{256} << 20;
constexpr int64_t kMostUsers = 32;

/// The beams of one batch that the next level computes: one row per user and path, whichever
/// searches walk it.
struct StepRows {
  std::vector<std::vector<const Beam*>> of_user;
  int64_t width = 0;  // of the user with most
};

StepRows assign_rows(std::vector<std::vector<Search>>* users, int level, int64_t first_slot,
                     const SearchOptions& options) {
  StepRows rows;
  int64_t row = 0;
  for (std::vector<Search>& searches : *users) {
    std::vector<const Beam*>& own = rows.of_user.emplace_back();
    std::map<Path, std::pair<int64_t, int32_t>> known;  // row and slot of a path
    for (Search& search : searches) {
      for (Beam& beam : search.beams) {
        if (!needs_hidden(beam, options)) continue;
        const auto [at, fresh] =
            known.try_emplace(beam.tokens, row, static_cast<int32_t>(first_slot + own.size()));
        beam.row = at->second.first;
        beam.slots[level] = at->second.second;
        if (!fresh) continue;
        own.push_back(&beam);
        ++row;
      }
    }
    rows.width = std::max<int64_t>(rows.width, static_cast<int64_t>(own.size()));
  }
  return rows;
}

/// Hidden states [rows, d] behind the last tokens (of level `level`) of all rows.
at::Tensor step(const model::Decoder& decoder, const LevelHead& head, const StepRows& rows,
                int level, model::Cache* cache) {
  const int64_t users = static_cast<int64_t>(rows.of_user.size()), width = rows.width;
  at::Tensor tokens = at::zeros({users, width}, at::kLong);
  at::Tensor positions = at::zeros({users, width}, at::kLong);
  at::Tensor paths = at::zeros({users, width, level}, at::kLong);
  std::vector<int64_t> real;
  for (int64_t u = 0; u < users; ++u) {
    for (int64_t i = 0; i < static_cast<int64_t>(rows.of_user[u].size()); ++i) {
      const Beam& beam = *rows.of_user[u][i];
      const int64_t at = u * width + i;
      tokens.mutable_data_ptr<int64_t>()[at] = head.row(beam.tokens[level]);
      positions.mutable_data_ptr<int64_t>()[at] = cache->prompt_lengths[u] + level;
      for (int a = 0; a < level; ++a)
        paths.mutable_data_ptr<int64_t>()[at * level + a] = beam.slots[a];
      real.push_back(at);
    }
  }
  const at::Device device = decoder.device();
  const at::Tensor mask = model::beam_mask(*cache, paths.to(device), width);
  const at::Tensor hidden = decoder.step(tokens.to(device), positions.to(device), mask, *cache);
  return hidden.flatten(0, 1).index_select(0, at::tensor(real, at::kLong).to(device));
}

Status advance_all(std::vector<std::vector<Search>>* users, const at::Tensor& hidden, int level,
                   const Catalogue& catalogue, const LevelHead& head,
                   const SearchOptions& options) {
  if (options.constrained) {
    const Result<LevelScores> scores =
        hidden.size(0) > 0 ? head.scores(hidden, level) : LevelScores{};
    if (!scores.ok()) return scores.error();
    for (std::vector<Search>& searches : *users)
      for (Search& search : searches) advance(&search, level, catalogue, *scores, options);
    return {};
  }
  int64_t widest = 0;
  for (const std::vector<Search>& searches : *users)
    for (const Search& search : searches)
      widest = std::max(widest, widest_list(search, level, catalogue.depth(), options));
  const auto tokens = head.likeliest(hidden, widest);
  if (!tokens.ok()) return tokens.error();
  for (std::vector<Search>& searches : *users)
    for (Search& search : searches) advance_freely(&search, level, catalogue, *tokens, options);
  return {};
}

}  // namespace

int64_t Ranking::certified() const {
  int64_t count = 0;
  while (count < static_cast<int64_t>(answers.size()) && answers[count].score >= best_pruned)
    ++count;
  return count;
}

Searcher::Searcher(const model::Decoder& decoder, const Catalogue& catalogue, LevelHead head,
                   const SearchOptions& options)
    : decoder_(&decoder), catalogue_(&catalogue), head_(std::move(head)), options_(options) {}

Result<Searcher> Searcher::create(const model::Decoder& decoder,
                                  const model::Vocabulary& vocabulary, const Catalogue& catalogue,
                                  const SearchOptions& options) {
  if (options.beams < 1)
    return user_error("a search has " + std::to_string(options.beams) +
                      " beams, it needs at least one");
  if (!options.constrained && options.rule != ScoreRule::model)
    return user_error(
        "an unconstrained search cannot score by `" + std::string(to_string(options.rule)) + "`",
        "use score = model, or decode within the legal ids");
  Result<LevelHead> head = LevelHead::create(decoder, vocabulary, catalogue, options.rule);
  if (!head.ok()) return head.error();
  return Searcher(decoder, catalogue, std::move(*head), options);
}

int64_t Searcher::batch_size(int64_t longest_prompt, int64_t searches) const {
  if (options_.users_per_batch > 0) return options_.users_per_batch;
  const int64_t slots = longest_prompt + (catalogue_->depth() - 1) * options_.beams * searches;
  const int64_t bytes = slots * decoder_->cache_bytes();
  return std::clamp<int64_t>(kCacheBytes / std::max<int64_t>(bytes, 1), 1, kMostUsers);
}

Result<std::vector<std::vector<Ranking>>> Searcher::run_batch(
    std::span<const Request* const> requests) const {
  const int depth = catalogue_->depth();
  std::vector<std::vector<int64_t>> prompts;
  std::vector<std::vector<Search>> users;
  int64_t most_searches = 0;
  for (size_t u = 0; u < requests.size(); ++u) {
    prompts.push_back(requests[u]->prompt);
    std::vector<Search>& searches = users.emplace_back();
    for (const Allowed& allowed : requests[u]->searches) {
      Search& search = searches.emplace_back();
      search.allowed = allowed;
      const bool any = !options_.constrained || allowed.count(catalogue_->root()) > 0;
      if (any) search.beams.push_back({{}, {}, catalogue_->root(), 0, static_cast<int64_t>(u)});
    }
    most_searches = std::max<int64_t>(most_searches, static_cast<int64_t>(searches.size()));
  }
  const int64_t slots = (depth - 1) * options_.beams * most_searches;
  model::Prefill prefill = decoder_->prefill(model::pack(prompts, decoder_->device()), slots);
  at::Tensor hidden = prefill.hidden;
  for (int level = 0;; ++level) {
    REXP_TRY(advance_all(&users, hidden, level, *catalogue_, head_, options_));
    if (level + 1 == depth) break;
    const int64_t first_slot = prefill.cache.used - prefill.cache.prompt_slots;
    const StepRows rows = assign_rows(&users, level, first_slot, options_);
    hidden = rows.width > 0 ? step(*decoder_, head_, rows, level, &prefill.cache)
                            : hidden.slice(0, 0, 0);
  }
  std::vector<std::vector<Ranking>> out;
  for (const std::vector<Search>& searches : users) {
    std::vector<Ranking>& rankings = out.emplace_back();
    for (const Search& search : searches) rankings.push_back(finish(search, depth));
  }
  return out;
}

Result<std::vector<std::vector<Ranking>>> Searcher::run(std::span<const Request> requests,
                                                        const Progress& progress) const {
  const int64_t most = decoder_->positions() - (catalogue_->depth() - 1);
  for (size_t i = 0; i < requests.size(); ++i) {
    const int64_t length = static_cast<int64_t>(requests[i].prompt.size());
    if (length == 0 || length > most)
      return user_error("prompt " + std::to_string(i) + " has " + std::to_string(length) +
                        " tokens, the model takes 1 to " + std::to_string(most) +
                        " before the codes");
    for (const Allowed& allowed : requests[i].searches)
      REXP_ASSERT(options_.constrained || !allowed.within,
                  "an unconstrained search has no `within`");
  }
  // Prompts of similar length share a batch: padding costs little, and the order of requests does
  // not matter.
  std::vector<int64_t> order(requests.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return requests[a].prompt.size() > requests[b].prompt.size();
  });
  const c10::InferenceMode inference;
  std::vector<std::vector<Ranking>> out(requests.size());
  const int64_t total = static_cast<int64_t>(order.size());
  try {
    for (int64_t begin = 0; begin < total;) {
      const Request& longest = requests[order[begin]];
      const int64_t batch = batch_size(static_cast<int64_t>(longest.prompt.size()),
                                       static_cast<int64_t>(longest.searches.size()));
      const int64_t end = std::min(total, begin + batch);
      std::vector<const Request*> chosen;
      for (int64_t i = begin; i < end; ++i) chosen.push_back(&requests[order[i]]);
      Result<std::vector<std::vector<Ranking>>> found = run_batch(chosen);
      if (!found.ok()) return found.error();
      for (int64_t i = begin; i < end; ++i) out[order[i]] = std::move((*found)[i - begin]);
      begin = end;
      if (progress && !progress(end, total))
        return Error{ErrorKind::interrupted, "decoding was interrupted", {}, {}, 0};
    }
  } catch (const std::exception& e) {
    return internal_error(std::string("decoding failed: ") + e.what());
  }
  return out;
}

}  // namespace rexp::decode
