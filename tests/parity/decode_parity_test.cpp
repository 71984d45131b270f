// The same lists as Hugging Face's beam search: constrained by prefix_allowed_tokens_fn, and free.
// make_decode_fixtures.py made them.
#include <gtest/gtest.h>

#include <fstream>
#include <tuple>

#include "runtime/base/json.h"
#include "runtime/decode/search.h"
#include "runtime/model/artifact.h"
#include "runtime/model/transformer.h"
#include "tests/support/devices.h"

namespace rexp::decode {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-4;

void expect_equal(const json& expected, const Ranking& found) {
  ASSERT_EQ(found.answers.size(), expected["sids"].size());
  for (size_t i = 0; i < found.answers.size(); ++i) {
    EXPECT_EQ(json(found.answers[i].tokens), expected["sids"][i]) << "rank " << i;
    EXPECT_NEAR(found.answers[i].score, expected["scores"][i].get<double>(), kTolerance)
        << "rank " << i;
  }
}

/// By checkpoint and device.
class HuggingFaceBeams : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(HuggingFaceBeams, AreTheSame) {
  REXP_DEVICE(device, std::get<1>(GetParam()));
  const std::string checkpoint = std::get<0>(GetParam());
  const std::string root = std::string(REXP_SOURCE_DIR) + "/tests/parity/";
  const json fixture = json::parse(std::ifstream(root + "decode/" + checkpoint + ".json"));
  const Result<model::ModelArtifact> artifact = model::load_model(root + "models/" + checkpoint);
  ASSERT_TRUE(artifact.ok()) << to_string(artifact.error());
  const model::Transformer transformer(artifact->config, artifact->weights.copy(device));
  const Result<Catalogue> catalogue =
      Catalogue::build(fixture["catalogue"].get<std::vector<std::vector<int32_t>>>());
  ASSERT_TRUE(catalogue.ok());
  for (const bool constrained : {true, false}) {
    for (const json& one : fixture["cases"]) {
      SCOPED_TRACE((constrained ? "constrained" : "free") + std::string(", beams ") +
                   one["beams"].dump() + ", prompt of " + std::to_string(one["prompt"].size()));
      const SearchOptions options{.beams = one["beams"].get<int64_t>(), .constrained = constrained};
      const Result<Searcher> searcher =
          Searcher::create(transformer, artifact->vocabulary, *catalogue, options);
      ASSERT_TRUE(searcher.ok());
      const std::vector<Request> requests = {
          {one["prompt"].get<std::vector<int64_t>>(), {{&*catalogue}}}};
      const auto found = searcher->run(requests);
      ASSERT_TRUE(found.ok()) << to_string(found.error());
      expect_equal(one[constrained ? "constrained" : "free"], (*found)[0][0]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, HuggingFaceBeams,
                         ::testing::Combine(::testing::Values("qwen3_tied", "qwen3_untied",
                                                              "llama"),
                                            ::testing::ValuesIn(model::kDevices)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) + "_" +
                                  std::get<1>(info.param);
                         });

}  // namespace
}  // namespace rexp::decode
