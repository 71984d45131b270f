// SASRec and BERT4Rec against RecBole's, on random checkpoints (make_sequential_fixtures.py).
#include <gtest/gtest.h>

#include "runtime/base/json.h"
#include "runtime/sequential/sequential_step.h"
#include "runtime/store/file.h"

namespace rexp::sequential {
namespace {

void expect_equals_recbole(const std::string& folder_name, const char* is) {
  const std::string folder =
      std::string(REXP_SOURCE_DIR) + "/tests/parity/sequential/" + folder_name;
  const auto text = store::read_file(folder + "/expected.json");
  ASSERT_TRUE(text.ok());
  const nlohmann::json expected = nlohmann::json::parse(*text);
  auto plan = read_network(
      {{"is", is}, {"positions", 8}, {"width", 16}, {"inner", 24}, {"norm", "after"}}, "a test");
  ASSERT_TRUE(plan.ok());
  plan->shape.items = 23;
  const auto network = Network::load(plan->shape, folder + "/weights.safetensors");
  ASSERT_TRUE(network.ok()) << to_string(network.error());
  const std::vector<std::vector<int32_t>> histories = expected["histories"];
  const at::Tensor scores = score_histories(*network, *plan->task, histories);
  const std::vector<std::vector<float>> wanted = expected["scores"];
  for (size_t h = 0; h < wanted.size(); ++h) {
    const at::Tensor row = at::tensor(wanted[h]);
    EXPECT_GT((row - row.mean()).abs().max().item<double>(), 0.1);
    EXPECT_LT((scores[static_cast<int64_t>(h)] - row).abs().max().item<double>(), 1e-4) << h;
  }
}

TEST(SequentialParity, SasrecEqualsRecbole) { expect_equals_recbole("sasrec", "SASRec"); }
TEST(SequentialParity, Bert4recEqualsRecbole) { expect_equals_recbole("bert4rec", "BERT4Rec"); }

}  // namespace
}  // namespace rexp::sequential
