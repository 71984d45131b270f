#include "runtime/decode/exact.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>

#include "runtime/model/packing.h"

namespace rexp::decode {
namespace {

constexpr int64_t kLogitsAtOnce = int64_t{8} << 20;  // doubles: 64 MB
constexpr int64_t kMostChains = 256;

/// All keys that share their first L - 1 tokens: [first, end) of the catalogue.
struct Chain {
  int64_t first = 0, end = 0;
};

std::vector<Chain> chains_of(const Catalogue& catalogue) {
  std::vector<Chain> chains;
  std::vector<int32_t> last;
  for (int64_t key = 0; key < catalogue.keys(); ++key) {
    std::vector<int32_t> prefix = catalogue.tokens(key);
    prefix.pop_back();
    if (key == 0 || prefix != last) chains.push_back({key, key});
    chains.back().end = key + 1;
    last = std::move(prefix);
  }
  return chains;
}

class ExactScorer {
 public:
  ExactScorer(const model::Decoder& decoder, const model::Vocabulary& vocabulary,
              const Catalogue& catalogue, ScoreRule rule)
      : decoder_(decoder),
        vocabulary_(vocabulary),
        catalogue_(catalogue),
        rule_(rule),
        depth_(catalogue.depth()) {}

  std::vector<double> run(std::span<const int64_t> prompt) const {
    const std::vector<Chain> chains = chains_of(catalogue_);
    const int64_t width =
        std::clamp<int64_t>(kLogitsAtOnce / (decoder_.vocabulary() * depth_), 1, kMostChains);
    model::Prefill prefill = decoder_.prefill(
        model::pack({{prompt.begin(), prompt.end()}}, decoder_.device()), width * (depth_ - 1));
    std::vector<double> scores(catalogue_.keys());
    for (size_t begin = 0; begin < chains.size(); begin += width) {
      const size_t count = std::min(chains.size() - begin, static_cast<size_t>(width));
      score_chains({chains.data() + begin, count}, &prefill, &scores);
    }
    return scores;
  }

 private:
  int64_t row(int64_t key, int level) const {
    return vocabulary_.row(catalogue_.token(key, level));
  }

  /// Logits [chains, L, rows] behind the prompt and behind each token of the chains.
  at::Tensor logits(std::span<const Chain> chains, model::Prefill* prefill) const {
    const int64_t count = static_cast<int64_t>(chains.size()), length = depth_ - 1,
                  n = count * length;
    at::Tensor hidden = prefill->hidden.unsqueeze(0).expand({count, 1, -1});
    if (length > 0) {
      model::Cache& cache = prefill->cache;
      cache.used = cache.prompt_slots;  // the chains before these are overwritten
      std::vector<int64_t> tokens;
      for (const Chain& chain : chains)
        for (int level = 0; level < length; ++level) tokens.push_back(row(chain.first, level));
      const at::Device device = decoder_.device();
      const at::Tensor place = at::arange(n, at::kLong).to(device);
      const at::Tensor chain = place.floor_divide(length);
      const at::Tensor own = chain.unsqueeze(0)
                                 .eq(chain.unsqueeze(1))
                                 .logical_and(place.unsqueeze(0).le(place.unsqueeze(1)));
      const at::Tensor prompt = at::ones({n, cache.prompt_slots}, own.options());
      const at::Tensor mask = at::cat({prompt, own}, 1).unsqueeze(0);
      const at::Tensor positions = (place.remainder(length) + cache.prompt_lengths[0]).unsqueeze(0);
      const at::Tensor steps = decoder_.step(at::tensor(tokens, at::kLong).unsqueeze(0).to(device),
                                             positions, mask, cache);
      hidden = at::cat({hidden, steps.view({count, length, -1})}, 1);
    }
    return decoder_.logits(hidden.reshape({count * depth_, -1}), 0, decoder_.vocabulary())
        .to(at::kCPU, at::kDouble)
        .view({count, depth_, -1});
  }

  bool share_prefix(int64_t a, int64_t b, int64_t length) const {
    for (int level = 0; level < length; ++level)
      if (catalogue_.token(a, level) != catalogue_.token(b, level)) return false;
    return true;
  }

  /// Matrix rows that the softmax of a key's level runs over; empty: all.
  std::vector<int64_t> rivals(int64_t key, int level) const {
    std::vector<int64_t> rows;
    if (rule_ == ScoreRule::level)
      for (int32_t token : catalogue_.level_tokens(level)) rows.push_back(vocabulary_.row(token));
    if (rule_ != ScoreRule::trie) return rows;
    int64_t sibling = key;  // keys are sorted: siblings lie side by side
    while (sibling > 0 && share_prefix(sibling - 1, key, level)) --sibling;
    for (; sibling < catalogue_.keys() && share_prefix(sibling, key, level); ++sibling)
      if (rows.empty() || rows.back() != row(sibling, level)) rows.push_back(row(sibling, level));
    return rows;
  }

  static double normaliser(const double* values, const std::vector<int64_t>& rows) {
    double top = values[rows[0]], sum = 0;
    for (int64_t row : rows) top = std::max(top, values[row]);
    for (int64_t row : rows) sum += std::exp(values[row] - top);
    return top + std::log(sum);
  }

  void score_chains(std::span<const Chain> chains, model::Prefill* prefill,
                    std::vector<double>* scores) const {
    const at::Tensor all = logits(chains, prefill).contiguous();
    const at::Tensor totals = at::logsumexp(all, {-1});
    std::vector<std::vector<int64_t>> rows(depth_);  // of the chain before: most prefixes stay
    for (size_t c = 0; c < chains.size(); ++c) {
      const Chain& chain = chains[c];
      double before = 0;
      for (int level = 0; level < depth_; ++level) {
        if (c == 0 || !share_prefix(chains[c - 1].first, chain.first, level))
          rows[level] = rivals(chain.first, level);
        const int64_t at = static_cast<int64_t>(c) * depth_ + level;
        const double* values = all.const_data_ptr<double>() + at * all.size(2);
        before -= rows[level].empty() ? totals.const_data_ptr<double>()[at]
                                      : normaliser(values, rows[level]);
        if (level + 1 < depth_) {
          before += values[row(chain.first, level)];
          continue;
        }
        for (int64_t key = chain.first; key < chain.end; ++key)
          (*scores)[key] = before + values[row(key, level)];
      }
    }
  }

  const model::Decoder& decoder_;
  const model::Vocabulary& vocabulary_;
  const Catalogue& catalogue_;
  ScoreRule rule_;
  int64_t depth_;
};

}  // namespace

Result<std::vector<double>> exact_scores(const model::Decoder& decoder,
                                         const model::Vocabulary& vocabulary,
                                         const Catalogue& catalogue, ScoreRule rule,
                                         std::span<const int64_t> prompt) {
  Result<LevelHead> checked = LevelHead::create(decoder, vocabulary, catalogue, rule);
  if (!checked.ok()) return checked.error();
  const int64_t most = decoder.positions() - (catalogue.depth() - 1);
  if (prompt.empty() || static_cast<int64_t>(prompt.size()) > most)
    return user_error("a prompt has " + std::to_string(prompt.size()) +
                      " tokens, the model takes 1 to " + std::to_string(most) +
                      " before the codes");
  const c10::InferenceMode inference;
  try {
    std::vector<double> scores = ExactScorer(decoder, vocabulary, catalogue, rule).run(prompt);
    const bool finite = std::all_of(scores.begin(), scores.end(),
                                    [](double score) { return std::isfinite(score); });
    if (!finite) return not_finite_scores();
    return scores;
  } catch (const std::exception& e) {
    return internal_error(std::string("scoring the catalogue failed: ") + e.what());
  }
}

Ranking exact_ranking(const Catalogue& catalogue, std::span<const double> scores,
                      const Allowed& allowed, int64_t count) {
  std::vector<int64_t> keys;
  for (int64_t key = 0; key < catalogue.keys(); ++key)
    if (allowed.count({key, key + 1}) > 0) keys.push_back(key);
  const int64_t kept = std::min<int64_t>(count, static_cast<int64_t>(keys.size()));
  std::partial_sort(keys.begin(), keys.begin() + kept, keys.end(), [&](int64_t a, int64_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  Ranking ranking;
  for (int64_t i = 0; i < kept; ++i)
    ranking.answers.push_back({catalogue.tokens(keys[i]), keys[i], scores[keys[i]]});
  return ranking;
}

}  // namespace rexp::decode
