// The default recipe on real vectors: Amazon Beauty, 12,101 items, 64 numbers each. A minute or two; skipped where the data is absent.
#include <cstdlib>

#include "runtime/codebook/item_vectors.h"
#include "runtime/codebook/sid_metrics.h"
#include "tests/unit/codebook_data.h"
#include "tests/unit/quantiser_world.h"

namespace rexp::quantiser {
namespace {

std::string sequences() {
  const char* set = std::getenv("REXP_SHARED_DATA");
  const std::string folder = set ? set : std::string(REXP_SOURCE_DIR) + "/../shared/data";
  return folder + "/beauty/sequences.txt";
}

nlohmann::json default_recipe(int64_t epochs) {
  return {{"is", "RqVae"},
          {"vectors", {{"input", 1}}},
          {"levels", {256, 256, 256}},
          {"layers", {512, 256, 128}},
          {"latent", 32},
          {"beta", 0.25},
          {"length", epochs},
          {"batch", 1024},
          {"standardise", true},
          {"resets", 10},
          {"optimizer",
           {{"is", "AdamW"},
            {"lr", 1e-3},
            {"decay", 1e-4},
            {"betas", {0.9, 0.999}},
            {"schedule", {{"at", {{"kernel", 0}}}}}}}};
}

TEST(RqVaeOnBeauty, UsesEveryCodeOfEveryLevel) {
  if (!std::filesystem::exists(sequences())) GTEST_SKIP() << "no published data (REXP_SHARED_DATA)";
  const data::Dataset dataset = codebook::from_sequences(sequences());
  ASSERT_EQ(dataset.item_count(), 12101);
  const codebook::Vectors vectors = codebook::ppmi_svd(dataset, {.size = 64});
  const World world(vectors);
  const Result<codebook::Codes> codes = world.learn(default_recipe(100));
  ASSERT_TRUE(codes.ok()) << to_string(codes.error());
  EXPECT_EQ(usage(*codes), std::vector<double>(3, 1.0));
  EXPECT_EQ(*codes->quantiser->encode(vectors), codes->codes);
  codebook::Codebook book;
  book.level_sizes = codes->level_sizes;
  book.codes = codes->codes;
  const codebook::SidReport report = codebook::measure(book, &dataset, {.vectors = &vectors});
  RecordProperty("report", to_json(report).dump());  // --gtest_output=json:file shows it
}

}  // namespace
}  // namespace rexp::quantiser
