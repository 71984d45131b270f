// The fused operators against the chains of LibTorch operators they replace: values and every gradient.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "runtime/model/attention.h"
#include "runtime/model/dropout.h"
#include "runtime/model/fused_ops.h"
#include "runtime/model/matmul.h"

namespace rexp::model {
namespace {

using Tensors = std::vector<at::Tensor>;

/// Outputs and gradients (of a random projection of the output) of two functions of the same inputs must agree.
void expect_same(const Tensors& inputs, const std::function<at::Tensor(const Tensors&)>& ours,
                 const std::function<at::Tensor(const Tensors&)>& theirs) {
  Tensors gradients[2], outputs;
  at::Tensor projection;
  for (const auto* f : {&ours, &theirs}) {
    Tensors leaves;
    for (const at::Tensor& input : inputs)
      leaves.push_back(input.detach().clone().requires_grad_());
    const at::Tensor out = (*f)(leaves);
    if (!projection.defined()) projection = at::randn(out.sizes());
    (out * projection).sum().backward();
    for (const at::Tensor& leaf : leaves) gradients[outputs.size()].push_back(leaf.grad());
    outputs.push_back(out.detach());
  }
  EXPECT_TRUE(at::allclose(outputs[0], outputs[1], 1e-5, 1e-5));
  for (size_t i = 0; i < inputs.size(); ++i)
    EXPECT_TRUE(at::allclose(gradients[0][i], gradients[1][i], 1e-4, 2e-4)) << "input " << i;
}

class Fused : public testing::Test {
 protected:
  Fused() { at::manual_seed(4); }
};

TEST_F(Fused, RmsNorm) {
  for (const int64_t width : {5, 16, 40}) {
    expect_same(
        {at::randn({300, 3, width}), at::randn({width})},
        [](const Tensors& t) { return rms_norm(t[0], t[1], 1e-6); },
        [&](const Tensors& t) { return at::rms_norm(t[0], {width}, t[1], 1e-6); });
  }
}

TEST_F(Fused, Rotate) {
  const at::Tensor angles = at::randn({50, 1, 6}), cos = angles.cos(), sin = angles.sin();
  expect_same(
      {at::randn({50, 3, 12})}, [&](const Tensors& t) { return rotate(t[0], cos, sin); },
      [&](const Tensors& t) {
        const auto halves = t[0].chunk(2, -1);
        return at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1);
      });
}

TEST_F(Fused, SwiGlu) {
  expect_same(
      {at::randn({70, 33}), at::randn({70, 33})},
      [](const Tensors& t) { return swiglu(t[0], t[1]); },
      [](const Tensors& t) { return at::silu(t[0]) * t[1]; });
}

TEST_F(Fused, RowsMoved) {
  const at::Tensor index = at::tensor({4, 0, 2}, at::kLong);
  expect_same(
      {at::randn({6, 3, 2})}, [&](const Tensors& t) { return distinct_rows(t[0], index); },
      [&](const Tensors& t) { return t[0].index_select(0, index); });
}

TEST_F(Fused, PaddingGetsNoGradient) {
  const at::Tensor gather = at::tensor({0, 1, 2, 2, 2}, at::kLong),
                   slot_of = at::tensor({0, 1, 2}, at::kLong);
  const at::Tensor real = at::tensor({1.f, 1.f, 1.f, 0.f, 0.f}).unsqueeze(1);
  expect_same(
      {at::randn({3, 4})},
      [&](const Tensors& t) { return padded_rows(t[0], gather, slot_of) * real; },
      [&](const Tensors& t) { return t[0].index_select(0, gather) * real; });
}

at::Tensor attention_one_by_one(const Tensors& t, const std::vector<int64_t>& offsets) {
  Tensors outputs;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    const auto part = [&](const at::Tensor& x) {
      return x.narrow(0, offsets[s], offsets[s + 1] - offsets[s]).transpose(0, 1).unsqueeze(0);
    };
    outputs.push_back(at::scaled_dot_product_attention(part(t[0]), part(t[1]), part(t[2]), {}, 0.0,
                                                       true, {}, /*enable_gqa=*/true)
                          .squeeze(0)
                          .transpose(0, 1)
                          .flatten(1));
  }
  return at::cat(outputs);
}

TEST_F(Fused, PackedAttention) {
  const std::vector<int64_t> offsets = {0, 1, 8, 16, 33, 100};
  const Layout l = layout(offsets, at::kCPU);
  for (const auto& [heads, kv_heads, dim] :
       std::vector<std::array<int64_t, 3>>{{4, 4, 32}, {4, 2, 16}, {6, 1, 48}, {2, 2, 8}}) {
    expect_same(
        {at::randn({100, heads, dim}), at::randn({100, kv_heads, dim}),
         at::randn({100, kv_heads, dim})},
        [&](const Tensors& t) { return packed_attention(t[0], t[1], t[2], l); },
        [&](const Tensors& t) { return attention_one_by_one(t, offsets); });
  }
}

TEST_F(Fused, AttentionOfLargeScoresStaysFiniteAndNanStaysNan) {
  const Layout l = layout({0, 40}, at::kCPU);
  const at::Tensor x = at::randn({40, 1, 16}) * 100;
  EXPECT_TRUE(packed_attention(x, x, x, l).isfinite().all().item<bool>());
  at::Tensor broken = x.clone();
  broken[20][0][3] = std::nanf("");
  const at::Tensor out = packed_attention(broken, x, x, l);
  EXPECT_TRUE(out[20].isnan().any().item<bool>());
  EXPECT_TRUE(out.narrow(0, 0, 20).isfinite().all().item<bool>());
}

TEST_F(Fused, Linears) {
  for (const int64_t rows : {3, 300}) {  // below and above what goes to oneDNN
    expect_same(
        {at::randn({rows, 24}), at::randn({40, 24}), at::randn({8, 24})},
        [](const Tensors& t) {
          return at::cat(linears(t[0], {t[1], t[2]}, Precision::fp32), 1) * 0.1;
        },
        [](const Tensors& t) {
          return at::cat({at::linear(t[0], t[1]), at::linear(t[0], t[2])}, 1) * 0.1;
        });
  }
}

TEST_F(Fused, LinearsInBf16RoundFactorsAndProducts) {
  const at::Tensor x = at::randn({200, 32}).requires_grad_(),
                   w = at::randn({16, 32}).requires_grad_();
  const at::Tensor y = linear(x, w, Precision::bf16);
  y.sum().backward();
  const auto half = [](const at::Tensor& t) {
    return t.detach().to(at::kBFloat16).to(at::kDouble);
  };
  const at::Tensor exact = half(x).mm(half(w).t()), ones = at::ones({200, 16}, at::kDouble);
  EXPECT_EQ(y.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::allclose(y.detach().to(at::kDouble), exact, 1.0 / 256, 1e-3));
  EXPECT_FALSE(at::allclose(y.detach(), at::linear(x.detach(), w.detach()), 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(w.grad().to(at::kDouble), ones.t().mm(half(x)), 1.0 / 256, 1e-2));
  EXPECT_TRUE(at::allclose(x.grad().to(at::kDouble), ones.mm(half(w)), 1.0 / 256, 1e-2));
}

TEST_F(Fused, DroppedUnitsAreAFunctionOfTokenAndUnit) {
  const at::Tensor tokens = at::arange(7, 1007, at::kLong);
  const at::Tensor x = at::randn({1000, 37}), branch = at::ones({1000, 37});
  const Dropout dropout{0.25, 3, tokens};
  const at::Tensor all = add_dropped(x, branch, dropout, 2), added = all - x, kept = added.gt(0.5);
  EXPECT_NEAR(kept.to(at::kDouble).mean().item<double>(), 0.75, 0.01);
  EXPECT_TRUE(at::allclose(added, kept.to(at::kFloat) / 0.75, 1e-5, 1e-5));
  const at::Tensor some = at::tensor({900, 3, 41}, at::kLong);
  const at::Tensor alone = add_dropped(x.index_select(0, some), branch.index_select(0, some),
                                       {0.25, 3, tokens.index_select(0, some)}, 2);
  EXPECT_TRUE(alone.equal(all.index_select(0, some)));
  EXPECT_FALSE(add_dropped(x, branch, dropout, 1).equal(all));
  EXPECT_FALSE(add_dropped(x, branch, {0.25, 4, tokens}, 2).equal(all));
}

TEST_F(Fused, DroppedUnitsAreTheSameInTensorOperations) {
  const Dropout dropout{0.3, 9, at::randint(int64_t{1} << 40, {500}, at::kLong)};
  const at::Tensor x = at::zeros({500, 39}), branch = at::ones({500, 39});
  EXPECT_TRUE(add_dropped(x.to(at::kDouble), branch.to(at::kDouble), dropout, 6)
                  .gt(0)
                  .equal(add_dropped(x, branch, dropout, 6).gt(0)));
}

TEST_F(Fused, AddDropped) {
  const Dropout dropout{0.4, 9, at::arange(40, at::kLong)};
  const at::Tensor zeros = at::zeros({40, 18}), scale = add_dropped(zeros, zeros + 1, dropout, 0);
  expect_same(
      {at::randn({40, 18}), at::randn({40, 18})},
      [&](const Tensors& t) { return add_dropped(t[0], t[1], dropout, 0); },
      [&](const Tensors& t) { return t[0] + t[1] * scale; });
}

TEST_F(Fused, ThreadsDoNotChangeTheBits) {
  const at::Tensor x = at::randn({5000, 32}), weight = at::randn({32});
  Tensors gradients;
  const int before = at::get_num_threads();
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    const at::Tensor w = weight.clone().requires_grad_();
    rms_norm(x, w, 1e-6).pow(2).sum().backward();
    gradients.push_back(w.grad());
  }
  at::set_num_threads(before);
  EXPECT_TRUE(gradients[0].equal(gradients[1]));
}

// Compiled without OpenMP, at::parallel_for is a loop on one thread, and nothing but the clock tells.
TEST_F(Fused, KernelsRunOnAllThreads) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  std::array<int, 2> by = {-1, -1};
  at::parallel_for(0, 2, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) by[static_cast<size_t>(i)] = at::get_thread_num();
  });
  at::set_num_threads(before);
  EXPECT_EQ(by, (std::array<int, 2>{0, 1}));
}

}  // namespace
}  // namespace rexp::model
