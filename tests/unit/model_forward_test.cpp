// The forward pass against itself: packed or alone, cached or whole, split or merged rows,
// gradients against differences.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "runtime/base/random.h"
#include "runtime/model/transformer.h"

namespace rexp::model {
namespace {

Config shape(Architecture architecture, bool tied) {
  Config c;
  c.architecture = architecture;
  c.hidden = 24;
  c.layers = 2;
  c.heads = 4;
  c.kv_heads = 2;
  c.head_dim = 16;
  c.ffn = 40;
  c.vocab = 30;
  c.tied = tied;
  c.max_positions = 64;
  return c;
}

/// Weights ten times the usual, so that nothing is nearly linear, and norms that are not one.
Weights strong_weights(const Config& config) {
  Weights w = random_weights(config, 11);
  w.for_each([](const std::string& name, at::Tensor& t) {
    if (t.dim() == 2)
      t.mul_(10);
    else
      t.add_(at::linspace(-0.3, 0.3, t.numel()).mul(static_cast<double>(name.size() % 3) - 1));
  });
  return w;
}

std::vector<int64_t> some_tokens(int64_t n, uint64_t s, int64_t vocab = 30) {
  std::vector<int64_t> out;
  for (int64_t i = 0; i < n; ++i)
    out.push_back(
        static_cast<int64_t>(below(s, static_cast<uint64_t>(i), static_cast<uint64_t>(vocab))));
  return out;
}

std::vector<std::vector<int64_t>> some_sequences() {
  std::vector<std::vector<int64_t>> out;
  for (int64_t n : {3, 40, 1, 12, 12, 39, 2, 25})
    out.push_back(some_tokens(n, static_cast<uint64_t>(n)));
  return out;
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

class Forward : public testing::TestWithParam<Architecture> {
 protected:
  Config config_ = shape(GetParam(), true);
  Transformer model_{config_, strong_weights(config_)};
};

TEST(ModelPacking, EveryTokenHasOneSlotAndPaddingStaysSmall) {
  std::vector<int64_t> offsets = {0};
  int64_t slots = 0;
  for (int i = 0; i < 200; ++i)
    offsets.push_back(offsets.back() + 1 +
                      static_cast<int64_t>(below(5, static_cast<uint64_t>(i), 120)));
  const Layout l = layout(offsets, at::kCPU);
  for (const Bucket& b : l.buckets) slots += b.count * b.length;
  EXPECT_EQ(l.gather.numel(), slots);
  EXPECT_FALSE(l.in_order);
  EXPECT_TRUE(layout({0, 7, 14}, at::kCPU).in_order);
  EXPECT_TRUE(l.gather.index_select(0, l.scatter).equal(at::arange(offsets.back())));
  EXPECT_LT(static_cast<double>(slots), 1.2 * static_cast<double>(offsets.back()));
  EXPECT_LT(l.buckets.size(), 20u);
}

TEST_P(Forward, PackedSequencesDoNotSeeEachOther) {
  const auto sequences = some_sequences();
  const Packed batch = pack(sequences);
  const at::Tensor together = model_.hidden(batch);
  for (size_t s = 0; s < sequences.size(); ++s) {
    const at::Tensor alone = model_.hidden(pack({sequences[s]}));
    EXPECT_LT(difference(together.narrow(0, batch.offsets[s], alone.size(0)), alone), 2e-5) << s;
  }
}

TEST_P(Forward, ALaterTokenChangesNothingBefore) {
  std::vector<int64_t> tokens = some_tokens(10, 1);
  const at::Tensor before = model_.hidden(pack({tokens}));
  tokens.back() = (tokens.back() + 1) % 30;
  const at::Tensor after = model_.hidden(pack({tokens}));
  EXPECT_LT(difference(before.narrow(0, 0, 9), after.narrow(0, 0, 9)), 1e-6);
  EXPECT_GT(difference(before[9], after[9]), 1e-3);
}

TEST_P(Forward, SomeRowsAreThoseOfTheWhole) {
  const Packed batch = pack(some_sequences());
  const at::Tensor rows = at::tensor({2, 0, 43, 133, 60}, at::kLong);
  for (const double rate : {0.0, 0.3}) {
    const Dropout dropout{rate, 5, at::arange(batch.tokens.size(0), at::kLong)};
    const at::Tensor whole = model_.hidden(batch, dropout);
    EXPECT_LT(difference(model_.hidden(batch, dropout, rows), whole.index_select(0, rows)), 2e-5)
        << rate;
  }
}

TEST_P(Forward, BeamsOverASharedPromptEqualWholeSequences) {
  const std::vector<std::vector<int64_t>> prompts = {some_tokens(9, 1), some_tokens(4, 2),
                                                     some_tokens(17, 3)};
  auto [cache, hidden] = model_.prefill(pack(prompts), 6);
  for (size_t u = 0; u < prompts.size(); ++u) {
    EXPECT_LT(difference(hidden[static_cast<int64_t>(u)],
                         model_.hidden(pack({prompts[u]})).select(0, -1)),
              2e-5);
  }
  // two rounds of three beams; beam b of round 1 descends from beam parents[b] of round 0
  const std::vector<int64_t> parents = {2, 0, 2};
  const at::Tensor lengths =
      at::tensor(cache.prompt_lengths, at::kLong).unsqueeze(1).expand({3, 3});
  const at::Tensor first = at::arange(9).view({3, 3}), second = at::arange(9, 18).view({3, 3});
  model_.step(first, lengths, beam_mask(cache, at::empty({3, 3, 0}, at::kLong), 3), cache);
  const at::Tensor paths = at::tensor(parents, at::kLong).view({1, 3, 1}).expand({3, 3, 1});
  const at::Tensor out = model_.step(second, lengths + 1, beam_mask(cache, paths, 3), cache);
  for (int64_t u = 0; u < 3; ++u) {
    for (int64_t b = 0; b < 3; ++b) {
      std::vector<int64_t> whole = prompts[static_cast<size_t>(u)];
      whole.push_back(first[u][parents[static_cast<size_t>(b)]].item<int64_t>());
      whole.push_back(second[u][b].item<int64_t>());
      EXPECT_LT(difference(out[u][b], model_.hidden(pack({whole})).select(0, -1)), 2e-5)
          << u << " " << b;
    }
  }
}

TEST_P(Forward, ScoreIsTheLogSoftmaxOfTheLogits) {
  const std::vector<int64_t> tokens = some_tokens(50, 4);
  const Score s = score(model_, tokens);
  const at::Tensor logits = model_.logits(model_.hidden(pack({tokens})));
  ASSERT_EQ(s.log_probs.size(), 49u);
  for (int64_t i = 0; i < 49; ++i) {
    EXPECT_NEAR(s.log_probs[static_cast<size_t>(i)],
                logits[i].log_softmax(-1)[tokens[static_cast<size_t>(i) + 1]].item<double>(), 1e-5);
  }
  EXPECT_LT(difference(at::tensor(s.last_logits), logits[49]), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Architectures, Forward,
                         testing::Values(Architecture::qwen3, Architecture::llama),
                         [](const auto& info) {
                           return info.param == Architecture::qwen3 ? "qwen3" : "llama";
                         });

TEST(ModelSplitRows, LogitsAndLookupsEqualThoseOfTheMergedMatrix) {
  for (bool tied : {true, false}) {
    Config config = shape(Architecture::qwen3, tied);
    Weights split = strong_weights(config);
    const std::vector<int32_t> ids = {100, 101, 102};
    split.append_rows(random_rows(ids, 24, 0.2, 1),
                      tied ? at::Tensor() : random_rows(ids, 24, 0.2, 2));
    config.vocab = 33;
    Weights merged = split;
    merged.merge_rows();
    const Transformer a(config, split), b(config, merged);
    const Packed batch = pack({{1, 30, 5, 32, 31, 29}});
    const at::Tensor h = a.hidden(batch);
    EXPECT_TRUE(h.equal(b.hidden(batch)));
    const at::Tensor all = b.logits(h);
    EXPECT_LT(difference(a.logits(h), all), 1e-5);
    for (const auto& [begin, end] :
         std::vector<std::pair<int64_t, int64_t>>{{0, 7}, {28, 32}, {30, 33}}) {
      const at::Tensor part = a.logits(h, begin, end);
      ASSERT_EQ(part.size(1), end - begin);
      EXPECT_LT(difference(part, all.narrow(1, begin, end - begin)), 1e-5);
    }
    const at::Tensor rows = at::tensor({32, 0, 29, 30}, at::kLong);
    EXPECT_LT(difference(a.logits(h, rows), all.index_select(1, rows)), 1e-5);
    EXPECT_TRUE(a.head().equal(b.head()));
  }
}

TEST(ModelSplitRows, OnlyAddedRowsHaveAGradient) {
  Config config = shape(Architecture::qwen3, true);
  Weights w = strong_weights(config);
  const std::vector<int32_t> ids = {100, 101};
  w.append_rows(random_rows(ids, 24, 0.2, 1));
  config.vocab = 32;
  w.embedding_new.requires_grad_(true);
  const Transformer model(config, w);
  model.logits(model.hidden(pack({{1, 30, 5}}))).sum().backward();
  EXPECT_TRUE(w.embedding_new.grad().defined());
  EXPECT_FALSE(w.embedding.grad().defined());
  EXPECT_FALSE(w.layers[0].q.grad().defined());
}

/// Mean next-token loss of a batch, every position but each sequence's last.
at::Tensor loss_of(const Transformer& model, const Packed& batch) {
  std::vector<int64_t> at, next;
  for (int64_t s = 0; s < batch.sequences(); ++s) {
    for (int64_t i = batch.offsets[static_cast<size_t>(s)];
         i + 1 < batch.offsets[static_cast<size_t>(s) + 1]; ++i) {
      at.push_back(i);
      next.push_back(batch.tokens[i + 1].item<int64_t>());
    }
  }
  return at::cross_entropy_loss(
      model.logits(model.hidden(batch).index_select(0, at::tensor(at, at::kLong))),
      at::tensor(next, at::kLong));
}

TEST(ModelGradients, EqualCentralDifferencesInDouble) {
  const Config config = shape(Architecture::qwen3, true);
  Weights w = strong_weights(config).copy(at::kCPU, at::kDouble);
  w.for_each([](const std::string&, at::Tensor& t) { t.requires_grad_(true); });
  const Transformer model(config, w);
  const Packed batch = pack({some_tokens(7, 1), some_tokens(3, 2), some_tokens(30, 3)});
  loss_of(model, batch).backward();
  const at::NoGradGuard no_grad;
  w.for_each([&](const std::string& name, at::Tensor& t) {
    at::Tensor flat = t.view(-1);
    for (uint64_t draw = 0; draw < 3; ++draw) {
      const auto i =
          static_cast<int64_t>(below(stream(9, name), draw, static_cast<uint64_t>(t.numel())));
      constexpr double kStep = 1e-5;
      const double kept = flat[i].item<double>();
      flat[i] = kept + kStep;
      const double up = loss_of(model, batch).item<double>();
      flat[i] = kept - kStep;
      const double down = loss_of(model, batch).item<double>();
      flat[i] = kept;
      EXPECT_NEAR(t.grad().view(-1)[i].item<double>(), (up - down) / (2 * kStep), 1e-6)
          << name << " " << i;
    }
  });
}

TEST(ModelDropout, IsAFunctionOfItsStream) {
  const Config config = shape(Architecture::qwen3, true);
  const Transformer model(config, strong_weights(config));
  const Packed batch = pack(some_sequences());
  const at::Tensor tokens = at::arange(batch.tokens.size(0), at::kLong);
  const at::Tensor a = model.hidden(batch, Dropout{0.3, 5, tokens});
  EXPECT_TRUE(a.equal(model.hidden(batch, Dropout{0.3, 5, tokens})));
  EXPECT_FALSE(a.equal(model.hidden(batch, Dropout{0.3, 6, tokens})));
  EXPECT_TRUE(model.hidden(batch, Dropout{0, 5, tokens}).equal(model.hidden(batch)));
}

}  // namespace
}  // namespace rexp::model
