// Checkpoints that transformers wrote, and the logits and gradients that it computed from them
// (make_model_fixtures.py).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "runtime/base/json.h"
#include "runtime/model/artifact.h"
#include "runtime/model/transformer.h"
#include "tests/support/devices.h"

namespace rexp::model {
namespace {

using nlohmann::json;

std::string folder_of(const std::string& name) {
  return std::string(REXP_SOURCE_DIR) + "/tests/parity/models/" + name;
}

json expected_of(const std::string& name) {
  std::ifstream in(folder_of(name) + "/expected.json");
  return json::parse(in);
}

std::vector<std::vector<int64_t>> sequences_of(const json& expected) {
  std::vector<std::vector<int64_t>> out;
  for (const json& s : expected["sequences"])
    out.push_back(s["tokens"].get<std::vector<int64_t>>());
  return out;
}

at::Tensor logits_of(const json& sequence) {
  std::vector<float> flat;
  for (const json& row : sequence["logits"]) {
    for (const json& x : row) flat.push_back(x.get<float>());
  }
  return at::tensor(flat).view({static_cast<int64_t>(sequence["logits"].size()), -1});
}

/// By checkpoint and device.
class Parity : public testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  const char* checkpoint_ = std::get<0>(GetParam());
};

TEST_P(Parity, LogitsOfPackedSequencesAreThoseOfTransformers) {
  REXP_DEVICE(device, std::get<1>(GetParam()));
  auto model = load_model(folder_of(checkpoint_));
  ASSERT_TRUE(model.ok()) << to_string(model.error());
  const json expected = expected_of(checkpoint_);
  const Transformer transformer(model->config, model->weights.copy(device));
  const Packed batch = pack(sequences_of(expected), device);
  const at::Tensor logits = transformer.logits(transformer.hidden(batch)).cpu();
  double worst = 0;
  for (int64_t s = 0; s < batch.sequences(); ++s) {
    const auto i = static_cast<size_t>(s);
    const at::Tensor wanted = logits_of(expected["sequences"][i]);
    const at::Tensor got =
        logits.narrow(0, batch.offsets[i], batch.offsets[i + 1] - batch.offsets[i]);
    worst = std::max(worst, (got - wanted).abs().max().item<double>());
  }
  std::printf("  largest error of a logit: %.2g\n", worst);
  EXPECT_LT(worst, 1e-4);
}

TEST_P(Parity, GradientNormsAreThoseOfTransformers) {
  REXP_DEVICE(device, std::get<1>(GetParam()));
  auto model = load_model(folder_of(checkpoint_));
  ASSERT_TRUE(model.ok()) << to_string(model.error());
  const json expected = expected_of(checkpoint_);
  Weights weights = model->weights.copy(device);
  weights.for_each([](const std::string&, at::Tensor& t) { t.requires_grad_(true); });
  const Transformer transformer(model->config, weights);
  const Packed batch = pack({sequences_of(expected).front()}, device);
  const int64_t pairs = batch.size() - 1;
  const at::Tensor logits = transformer.logits(transformer.hidden(batch).narrow(0, 0, pairs));
  at::cross_entropy_loss(logits, batch.tokens.narrow(0, 1, pairs)).backward();
  for (const auto& [name, norm] : expected["gradients"].items()) {
    at::Tensor found;
    weights.for_each([&, wanted = name](const std::string& n, at::Tensor& t) {
      if (n == wanted) found = t.grad();
    });
    ASSERT_TRUE(found.defined()) << name;
    EXPECT_NEAR(found.norm().item<double>(), norm.get<double>(), 1e-5 + 1e-4 * norm.get<double>())
        << name;
  }
}

class ModelFolder : public testing::TestWithParam<const char*> {};

TEST_P(ModelFolder, SavedAndLoadedAgainEveryBitIsTheSame) {
  auto model = load_model(folder_of(GetParam()));
  ASSERT_TRUE(model.ok()) << to_string(model.error());
  const std::string folder = testing::TempDir() + "/rexp_model_" + GetParam();
  const Status saved = save_model(*model, folder);
  ASSERT_TRUE(saved.ok()) << to_string(saved.error());
  auto again = load_model(folder);
  ASSERT_TRUE(again.ok()) << to_string(again.error());
  EXPECT_EQ(again->config, model->config);
  std::vector<at::Tensor> before;
  model->weights.for_each([&](const std::string&, at::Tensor& t) { before.push_back(t); });
  size_t i = 0;
  again->weights.for_each(
      [&](const std::string& name, at::Tensor& t) { EXPECT_TRUE(t.equal(before[i++])) << name; });
  EXPECT_EQ(i, before.size());
  std::filesystem::remove_all(folder);
}

constexpr const char* kCheckpoints[] = {"qwen3_tied",    "qwen3_untied", "qwen3_bf16",
                                        "qwen3_sharded", "llama",        "llama3_rope"};

INSTANTIATE_TEST_SUITE_P(Models, ModelFolder, testing::ValuesIn(kCheckpoints),
                         [](const auto& info) { return std::string(info.param); });
INSTANTIATE_TEST_SUITE_P(
    Models, Parity, testing::Combine(testing::ValuesIn(kCheckpoints), testing::ValuesIn(kDevices)),
    [](const auto& info) {
      return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param);
    });

}  // namespace
}  // namespace rexp::model
