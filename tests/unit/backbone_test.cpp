// What training relies on, of every backbone: a language model's and a sequential recommender's.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "runtime/model/transformer.h"
#include "runtime/sequential/network.h"

namespace rexp::model {
namespace {

constexpr int64_t kRows = 30;

std::unique_ptr<Backbone> language_model() {
  Config c;
  c.hidden = 16, c.layers = 2, c.heads = 2, c.kv_heads = 1, c.head_dim = 16, c.ffn = 24;
  c.vocab = kRows, c.max_positions = 16;
  Weights weights = random_weights(c, 3);
  weights.for_each([](const std::string&, at::Tensor& tensor) { tensor.mul_(4); });
  return std::make_unique<Transformer>(c, std::move(weights));
}

std::unique_ptr<Backbone> recommender(sequential::NormPlace norm) {
  sequential::Shape shape;
  shape.items = kRows, shape.positions = 16, shape.width = 16, shape.inner = 24;
  shape.norm = norm;
  sequential::Network network = sequential::Network::random(shape, 3);
  for (auto& [name, tensor] : network.tensors())
    if (tensor.dim() > 1) tensor.mul_(10);
  return std::make_unique<sequential::Network>(std::move(network));
}

struct Named {
  std::string name;
  std::function<std::unique_ptr<Backbone>()> make;
};

class EveryBackbone : public testing::TestWithParam<Named> {
 protected:
  EveryBackbone() : backbone_(GetParam().make()) {}
  at::Tensor hidden(const std::vector<std::vector<int64_t>>& sequences,
                    const at::Tensor& rows = {}) const {
    return backbone_->hidden(pack(sequences), {}, rows).detach();
  }
  static double largest(const at::Tensor& difference) {
    return difference.abs().max().item<double>();
  }

  std::unique_ptr<Backbone> backbone_;
  const std::vector<std::vector<int64_t>> sequences_ = {{4, 9, 2, 17}, {1}, {8, 8, 3, 29, 0, 5, 7}};
};

TEST_P(EveryBackbone, ASequenceKnowsNothingOfTheOthers) {
  const at::Tensor all = hidden(sequences_);
  EXPECT_LT(largest(all.slice(0, 5) - hidden({sequences_[2]})), 1e-4);
  EXPECT_LT(largest(all.slice(0, 4, 5) - hidden({sequences_[1]})), 1e-4);
}

TEST_P(EveryBackbone, AStateKnowsNothingOfWhatComesAfter) {
  auto changed = sequences_;
  changed[2][4] = 11;
  const at::Tensor difference = hidden(sequences_) - hidden(changed);
  EXPECT_EQ(largest(difference.slice(0, 0, 9)), 0);
  EXPECT_GT(largest(difference.slice(0, 9)), 1e-3);
}

TEST_P(EveryBackbone, SomeRowsAreThoseOfTheWhole) {
  const at::Tensor rows = at::tensor({1, 4, 6, 11}, at::kLong);
  EXPECT_LT(largest(hidden(sequences_, rows) - hidden(sequences_).index_select(0, rows)), 1e-4);
}

TEST_P(EveryBackbone, DropoutIsAFunctionOfItsStream) {
  const Packed batch = pack(sequences_);
  const at::Tensor first = backbone_->hidden(batch, Dropout{0.3, 5, {}});
  EXPECT_TRUE(first.equal(backbone_->hidden(batch, Dropout{0.3, 5, {}})));
  EXPECT_FALSE(first.equal(backbone_->hidden(batch, Dropout{0.3, 6, {}})));
  EXPECT_TRUE(backbone_->hidden(batch, Dropout{0, 5, {}}).equal(backbone_->hidden(batch)));
}

INSTANTIATE_TEST_SUITE_P(
    , EveryBackbone,
    testing::Values(Named{"language_model", language_model},
                    Named{"norm_before", [] { return recommender(sequential::NormPlace::before); }},
                    Named{"norm_behind", [] { return recommender(sequential::NormPlace::after); }}),
    [](const testing::TestParamInfo<Named>& info) { return info.param.name; });

}  // namespace
}  // namespace rexp::model
