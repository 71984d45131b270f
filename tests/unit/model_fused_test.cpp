// The fused operators against the chains of LibTorch operators they replace: values and every gradient.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <functional>

#include "runtime/model/fused_ops.h"

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

}  // namespace
}  // namespace rexp::model
