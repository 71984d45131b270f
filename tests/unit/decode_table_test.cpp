// Search over a decoder that is no transformer: its logits are random numbers that hang on every token before them, found from the slots
// that the search's masks and positions name. A beam that is shown one wrong ancestor gets other numbers.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/decode/exact.h"
#include "runtime/decode/search.h"
#include "runtime/model/decoder.h"
#include "tests/unit/decode_world.h"

namespace rexp::decode {
namespace {

constexpr int64_t kVocabulary = 120;

/// A state is the vector of its logits.
class TableDecoder : public model::Decoder {
 public:
  at::Device device() const override { return at::kCPU; }
  int64_t vocabulary() const override { return kVocabulary; }
  int64_t positions() const override { return 64; }
  int64_t cache_bytes() const override { return 8; }

  static at::Tensor logits_after(const std::vector<int64_t>& sequence) {
    uint64_t s = 9;
    for (const int64_t token : sequence) s = stream(s, static_cast<uint64_t>(token));
    at::Tensor out = at::empty({kVocabulary});
    for (int64_t row = 0; row < kVocabulary; ++row)
      out[row] = 4 * uniform(s, static_cast<uint64_t>(row));
    return out;
  }

  model::Prefill prefill(const model::Packed& prompts, int64_t extra_slots) const override {
    model::Prefill out;
    std::vector<at::Tensor> states;
    for (int64_t u = 0; u < prompts.sequences(); ++u) {
      const std::vector<int64_t> own = tokens_of(prompts, u);
      states.push_back(logits_after(own));
      out.cache.prompt_lengths.push_back(static_cast<int64_t>(own.size()));
      out.cache.prompt_slots = std::max(out.cache.prompt_slots, static_cast<int64_t>(own.size()));
    }
    out.cache.used = out.cache.prompt_slots;
    out.cache.capacity = out.cache.used + extra_slots;
    at::Tensor slots = at::zeros({prompts.sequences(), out.cache.capacity}, at::kLong);
    out.cache.prompt_mask = at::zeros({prompts.sequences(), out.cache.prompt_slots}, at::kBool);
    for (int64_t u = 0; u < prompts.sequences(); ++u) {
      const int64_t length = out.cache.prompt_lengths[u];
      slots[u].narrow(0, 0, length).copy_(at::tensor(tokens_of(prompts, u), at::kLong));
      out.cache.prompt_mask[u].narrow(0, 0, length).fill_(true);
    }
    out.cache.layers.push_back({slots, {}});
    out.hidden = at::stack(states);
    return out;
  }

  at::Tensor step(const at::Tensor& tokens, const at::Tensor& positions, const at::Tensor& mask,
                  model::Cache& cache) const override {
    const int64_t users = tokens.size(0), n = tokens.size(1);
    at::Tensor slots = cache.layers[0].k;
    slots.narrow(1, cache.used, n).copy_(tokens);
    at::Tensor out = at::empty({users, n, kVocabulary});
    for (int64_t u = 0; u < users; ++u) {
      for (int64_t i = 0; i < n; ++i) {
        const at::Tensor seen = slots[u].narrow(0, 0, cache.used + n).index({mask[u][i]});
        const std::vector<int64_t> sequence(seen.const_data_ptr<int64_t>(),
                                            seen.const_data_ptr<int64_t>() + seen.numel());
        // rows of padding have no place of their own
        const auto position = positions[u][i].item<int64_t>();
        EXPECT_TRUE(position == 0 || position == seen.numel() - 1);
        out[u][i] = logits_after(sequence);
      }
    }
    cache.used += n;
    return out;
  }

  at::Tensor logits(const at::Tensor& hidden, int64_t begin, int64_t end) const override {
    return hidden.narrow(1, begin, end - begin);
  }
  at::Tensor logits(const at::Tensor& hidden, const at::Tensor& rows) const override {
    return hidden.index_select(1, rows);
  }

 private:
  static std::vector<int64_t> tokens_of(const model::Packed& prompts, int64_t user) {
    const int64_t* all = prompts.tokens.const_data_ptr<int64_t>();
    return {all + prompts.offsets[user], all + prompts.offsets[user + 1]};
  }
};

double log_probability(std::vector<int64_t> sequence, const std::vector<int32_t>& key) {
  double sum = 0;
  for (const int32_t token : key) {
    sum += at::log_softmax(TableDecoder::logits_after(sequence).to(at::kDouble), 0)[token]
               .item<double>();
    sequence.push_back(token);
  }
  return sum;
}

TEST(TableSearch, FindsTheBestOfEveryUser) {
  const auto catalogue = Catalogue::build(random_keys(1, 60, kThreeLevels));
  ASSERT_TRUE(catalogue.ok());
  const model::Vocabulary vocabulary = model::Vocabulary::full(kVocabulary);
  const TableDecoder decoder;
  const auto searcher = Searcher::create(decoder, vocabulary, *catalogue, {.beams = 100});
  ASSERT_TRUE(searcher.ok());
  std::vector<Request> requests;
  for (const std::vector<int64_t>& prompt :
       {std::vector<int64_t>{3, 8}, {5}, {60, 2, 119, 2, 7}, {3, 8}})
    requests.push_back({prompt, {{&*catalogue}}});
  const auto found = searcher->run(requests);
  ASSERT_TRUE(found.ok());
  for (size_t u = 0; u < requests.size(); ++u) {
    const Ranking& ranking = (*found)[u][0];
    ASSERT_EQ(static_cast<int64_t>(ranking.answers.size()), catalogue->keys());
    for (const Answer& answer : ranking.answers)
      EXPECT_NEAR(answer.score, log_probability(requests[u].prompt, answer.tokens), 1e-5);
    const auto exact =
        exact_scores(decoder, vocabulary, *catalogue, ScoreRule::model, requests[u].prompt);
    ASSERT_TRUE(exact.ok());
    for (const Answer& answer : ranking.answers)
      EXPECT_NEAR(answer.score, (*exact)[answer.key], 1e-5);
  }
}

TEST(TableSearch, ANarrowBeamScoresWhatItFindsAlike) {
  const auto catalogue = Catalogue::build(random_keys(2, 60, kThreeLevels));
  ASSERT_TRUE(catalogue.ok());
  const model::Vocabulary vocabulary = model::Vocabulary::full(kVocabulary);
  const TableDecoder decoder;
  const auto searcher = Searcher::create(decoder, vocabulary, *catalogue, {.beams = 3});
  ASSERT_TRUE(searcher.ok());
  const std::vector<int64_t> prompt = {44, 45};
  const auto found = searcher->run(std::vector<Request>{{prompt, {{&*catalogue}}}});
  ASSERT_TRUE(found.ok());
  ASSERT_EQ((*found)[0][0].answers.size(), 3);
  for (const Answer& answer : (*found)[0][0].answers)
    EXPECT_NEAR(answer.score, log_probability(prompt, answer.tokens), 1e-5);
}

}  // namespace
}  // namespace rexp::decode
