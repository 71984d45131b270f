// What may follow, and how likely is it? Log-probabilities of next tokens, computed only where a
// search can use them. Three rules:
//
//   model   softmax over the whole vocabulary, as transformers' beams score; the normaliser is
//           summed chunk by chunk, the log-probabilities are never stored
//   level   softmax over the tokens that occur at the level in the catalogue
//   trie    softmax over the children of the node; the probabilities of all items sum to 1
//
// A limit on the items (`within`, what the user has seen) never changes a score: the softmax of
// `trie` runs over all children, so that leaving items out leaves the others in their order.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/decode/catalogue.h"
#include "runtime/model/artifact.h"
#include "runtime/model/decoder.h"

namespace rexp::decode {

enum class ScoreRule : uint8_t { model, level, trie };

Result<ScoreRule> parse_score_rule(std::string_view name);
const char* to_string(ScoreRule rule);

/// Scores of a level's tokens behind every row of hidden states.
struct LevelScores {
  int64_t width = 0;                // tokens of the level
  std::vector<float> logits;        // [rows, width]
  std::vector<double> normalisers;  // [rows]; empty under `trie`: there it depends on the node

  /// log p of code `code` behind `row`.
  double log_prob(int64_t row, uint32_t code, double normaliser) const {
    return static_cast<double>(logits[row * width + code]) - normaliser;
  }
  /// The normaliser of a node of the catalogue at `level`: log of the sum over its children.
  double node_normaliser(int64_t row, const Catalogue& catalogue, int level, Node node) const;
};

struct TokenScore {
  int32_t token;  // id of the full tokenizer
  double log_prob;
};

/// The error of a model whose scores cannot be ranked.
Error not_finite_scores();

class LevelHead {
 public:
  /// Error: a token of the catalogue that the model does not own.
  static Result<LevelHead> create(const model::Decoder& decoder,
                                  const model::Vocabulary& vocabulary, const Catalogue& catalogue,
                                  ScoreRule rule);

  /// `hidden`: [rows, d]. User error, here and below: logits that are not finite.
  Result<LevelScores> scores(const at::Tensor& hidden, int level) const;
  /// The `count` likeliest tokens of the whole vocabulary behind each row, best first, ties by
  /// lower id (rule `model`).
  Result<std::vector<std::vector<TokenScore>>> likeliest(const at::Tensor& hidden,
                                                         int64_t count) const;
  /// The matrix row of a token.
  int64_t row(int32_t token) const { return vocabulary_->row(token); }
  ScoreRule rule() const { return rule_; }

 private:
  LevelHead() = default;
  at::Tensor log_normaliser(const at::Tensor& hidden) const;

  const model::Decoder* decoder_ = nullptr;
  const model::Vocabulary* vocabulary_ = nullptr;
  ScoreRule rule_ = ScoreRule::model;
  std::vector<at::Tensor> level_rows_;  // int64 [tokens of the level]
};

}  // namespace rexp::decode
