#include "runtime/decode/level_head.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "runtime/base/assert.h"
#include "runtime/model/floats.h"

namespace rexp::decode {
namespace {

constexpr int64_t kChunk =
    8192;  // columns of the vocabulary at a time: [rows, chunk] stays in the tens of megabytes

double log_sum_exp(const float* values, int64_t count) {
  const float top = *std::max_element(values, values + count);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += std::exp(static_cast<double>(values[i]) - top);
  return top + std::log(sum);
}

template <class T>
bool all_finite(const std::vector<T>& values) {
  return std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
}

struct Candidate {
  float logit;
  int32_t token;
};
bool better(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

/// Keeps the best `count` of a stream in a heap whose front is the worst kept.
void offer(std::vector<Candidate>* heap, int64_t count, Candidate candidate) {
  if (std::isnan(candidate.logit)) return;  // has no place in an order; its normaliser tells
  if (static_cast<int64_t>(heap->size()) == count) {
    if (!better(candidate, heap->front())) return;
    std::pop_heap(heap->begin(), heap->end(), better);
    heap->back() = candidate;
  } else {
    heap->push_back(candidate);
  }
  std::push_heap(heap->begin(), heap->end(), better);
}

}  // namespace

Result<ScoreRule> parse_score_rule(std::string_view name) {
  if (name == "model") return ScoreRule::model;
  if (name == "level") return ScoreRule::level;
  if (name == "trie") return ScoreRule::trie;
  return user_error("`" + std::string(name) + "` is no score rule",
                    "known are model, level and trie");
}

Error not_finite_scores() {
  return user_error("the model's scores are not finite numbers",
                    "its weights are too large, or damaged: train it again with a smaller `lr`, or "
                    "copy the model again");
}

const char* to_string(ScoreRule rule) {
  return rule == ScoreRule::model ? "model" : rule == ScoreRule::level ? "level" : "trie";
}

double LevelScores::node_normaliser(int64_t row, const Catalogue& catalogue, int level,
                                    Node node) const {
  const float* values = logits.data() + row * width;
  float top = -std::numeric_limits<float>::infinity();
  catalogue.for_children(level, node,
                         [&](uint32_t code, Node) { top = std::max(top, values[code]); });
  double sum = 0;
  catalogue.for_children(level, node, [&](uint32_t code, Node) {
    sum += std::exp(static_cast<double>(values[code]) - top);
  });
  return top + std::log(sum);
}

Result<LevelHead> LevelHead::create(const model::Decoder& decoder,
                                    const model::Vocabulary& vocabulary, const Catalogue& catalogue,
                                    ScoreRule rule) {
  LevelHead head;
  head.decoder_ = &decoder;
  head.vocabulary_ = &vocabulary;
  head.rule_ = rule;
  for (int level = 0; level < catalogue.depth(); ++level) {
    std::vector<int64_t> rows;
    for (int32_t token : catalogue.level_tokens(level)) {
      rows.push_back(vocabulary.row(token));
      if (rows.back() < 0)
        return user_error("the catalogue has the token " + std::to_string(token) + " at level " +
                              std::to_string(level + 1) + ", which the model does not own",
                          "train a stage that adds the codebook's tokens, or decode with the "
                          "catalogue the model was made for");
    }
    head.level_rows_.push_back(at::tensor(rows, at::kLong).to(decoder.device()));
  }
  return head;
}

at::Tensor LevelHead::log_normaliser(const at::Tensor& hidden) const {
  at::Tensor total;
  const int64_t rows = decoder_->vocabulary();
  for (int64_t begin = 0; begin < rows; begin += kChunk) {
    const at::Tensor part =
        at::logsumexp(decoder_->logits(hidden, begin, std::min(rows, begin + kChunk)), {-1});
    total = total.defined() ? at::logaddexp(total, part) : part;
  }
  return total;
}

Result<LevelScores> LevelHead::scores(const at::Tensor& hidden, int level) const {
  LevelScores out;
  out.width = level_rows_[level].size(0);
  out.logits = model::to_floats(decoder_->logits(hidden, level_rows_[level]));
  if (rule_ == ScoreRule::model) {
    const std::vector<float> normalisers = model::to_floats(log_normaliser(hidden));
    out.normalisers.assign(normalisers.begin(), normalisers.end());
  } else if (rule_ == ScoreRule::level) {
    for (int64_t row = 0; row < hidden.size(0); ++row)
      out.normalisers.push_back(log_sum_exp(out.logits.data() + row * out.width, out.width));
  }
  if (!all_finite(out.logits) || !all_finite(out.normalisers)) return not_finite_scores();
  return out;
}

Result<std::vector<std::vector<TokenScore>>> LevelHead::likeliest(const at::Tensor& hidden,
                                                                  int64_t count) const {
  REXP_ASSERT(rule_ == ScoreRule::model,
              "only the rule `model` is defined over the whole vocabulary");
  const int64_t rows = hidden.size(0), vocabulary = decoder_->vocabulary();
  std::vector<std::vector<Candidate>> heaps(rows);
  at::Tensor total;
  for (int64_t begin = 0; begin < vocabulary; begin += kChunk) {
    const int64_t end = std::min(vocabulary, begin + kChunk);
    const at::Tensor logits = decoder_->logits(hidden, begin, end);
    const at::Tensor part = at::logsumexp(logits, {-1});
    total = total.defined() ? at::logaddexp(total, part) : part;
    const std::vector<float> values = model::to_floats(logits);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t i = 0; i < end - begin; ++i)
        offer(&heaps[row], count, {values[row * (end - begin) + i], vocabulary_->id(begin + i)});
  }
  const std::vector<float> normalisers = model::to_floats(total);
  if (!all_finite(normalisers)) return not_finite_scores();
  std::vector<std::vector<TokenScore>> out(rows);
  for (int64_t row = 0; row < rows; ++row) {
    std::sort(heaps[row].begin(), heaps[row].end(), better);
    for (const Candidate& c : heaps[row])
      out[row].push_back(
          {c.token, static_cast<double>(c.logit) - static_cast<double>(normalisers[row])});
  }
  return out;
}

}  // namespace rexp::decode
