// A small random model, a catalogue, and the plain sums that searches are compared with.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/decode/exact.h"
#include "runtime/decode/recommend.h"
#include "runtime/decode/search.h"
#include "runtime/model/packing.h"
#include "runtime/model/transformer.h"

namespace rexp::decode {

using Keys = std::vector<std::vector<int32_t>>;
/// A small random model over `vocab` tokens with a spread of logits that a trained one would have.
struct World {
  std::unique_ptr<model::Transformer> transformer;
  model::Vocabulary vocabulary;
  std::optional<Catalogue> catalogue;

  World(const Keys& keys, uint64_t seed, int64_t vocab = 120, bool shuffled_rows = false) {
    model::Config c;
    c.hidden = 32, c.layers = 2, c.heads = 4, c.kv_heads = 2, c.head_dim = 8, c.ffn = 48,
    c.vocab = vocab, c.max_positions = 128;
    model::Weights weights = model::random_weights(c, seed);
    weights.embedding.mul_(25);
    transformer = std::make_unique<model::Transformer>(c, std::move(weights));
    vocabulary = model::Vocabulary::full(vocab);
    if (shuffled_rows) {
      std::vector<int32_t> ids;
      for (int64_t row = 0; row < vocab; ++row)
        ids.push_back(static_cast<int32_t>(permute(vocab, row, seed)));
      vocabulary = model::Vocabulary::grows(ids);
    }
    Result<Catalogue> built = Catalogue::build(keys);
    EXPECT_TRUE(built.ok());
    catalogue = std::move(*built);
  }

  std::vector<int64_t> prompt(uint64_t seed, int64_t length) const {
    std::vector<int64_t> out;
    for (int64_t i = 0; i < length; ++i)
      out.push_back(static_cast<int64_t>(below(seed, i, vocabulary.rows())));
    return out;
  }

  std::vector<std::vector<Ranking>> search(const std::vector<Request>& requests,
                                           const SearchOptions& options) const {
    Result<Searcher> searcher = Searcher::create(*transformer, vocabulary, *catalogue, options);
    EXPECT_TRUE(searcher.ok());
    auto found = searcher->run(requests);
    EXPECT_TRUE(found.ok()) << to_string(found.error());
    return std::move(*found);
  }
  Ranking search_one(const std::vector<int64_t>& prompt, const SearchOptions& options,
                     Allowed allowed = {}) const {
    allowed.catalogue = &*catalogue;
    return search({{prompt, {allowed}}}, options)[0][0];
  }

  /// The oracle of the oracle: the plain forward pass over [prompt | key], one key at a time,
  /// without cache or batch.
  double brute_force(const std::vector<int64_t>& prompt, int64_t key, ScoreRule rule) const {
    std::vector<int64_t> sequence = prompt;
    const std::vector<int32_t> tokens = catalogue->tokens(key);
    for (int32_t token : tokens) sequence.push_back(vocabulary.row(token));
    const at::Tensor logits =
        transformer->logits(transformer->hidden(model::pack({sequence}))).to(at::kDouble);
    double score = 0;
    for (size_t level = 0; level < tokens.size(); ++level) {
      const at::Tensor row = logits[static_cast<int64_t>(prompt.size() + level) - 1];
      std::set<int32_t> rivals;
      for (int64_t other = 0; other < catalogue->keys(); ++other) {
        const std::vector<int32_t> o = catalogue->tokens(other);
        if (rule == ScoreRule::level || std::equal(o.begin(), o.begin() + level, tokens.begin()))
          rivals.insert(o[level]);
      }
      double sum = 0;
      for (int32_t r : rivals) sum += std::exp(row[vocabulary.row(r)].item<double>());
      const double normaliser =
          rule == ScoreRule::model ? at::logsumexp(row, {0}).item<double>() : std::log(sum);
      score += row[vocabulary.row(tokens[level])].item<double>() - normaliser;
    }
    return score;
  }
};

inline Keys random_keys(uint64_t seed, int64_t items,
                        const std::vector<std::pair<int32_t, int32_t>>& ranges) {
  Keys keys(items);
  for (int64_t i = 0; i < items; ++i)
    for (size_t level = 0; level < ranges.size(); ++level)
      keys[i].push_back(ranges[level].first +
                        static_cast<int32_t>(below(stream(seed, i), level, ranges[level].second)));
  return keys;
}

inline const std::vector<std::pair<int32_t, int32_t>> kThreeLevels = {
    {20, 8}, {26, 6}, {40, 12}};  // tokens 26 and 27 at two levels

}  // namespace rexp::decode
