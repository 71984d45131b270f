// Our tokenizer against Hugging Face `tokenizers`: the same texts, the same ids (make_tokenizer_fixtures.py made them).
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "runtime/base/json.h"
#include "runtime/text/tokenizer.h"

namespace rexp::text {
namespace {

using nlohmann::json;
const std::string kFixtures = REXP_SOURCE_DIR "/tests/parity/tokenizer/";
const std::string kQwenRanks = REXP_DEPS_DIR "/py/dashscope/resources/qwen.tiktoken";

json read_json(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return json::parse(file);
}

std::vector<int32_t> ids_of(const Tokenizer& tokenizer, const std::string& text,
                            Specials specials) {
  std::vector<int32_t> ids;
  tokenizer.encode(text, specials, &ids);
  return ids;
}

void expect_same(const Tokenizer& tokenizer, const json& fixture) {
  ASSERT_GT(fixture.at("cases").size(), 100u);
  for (const json& entry : fixture.at("cases")) {
    const std::string text = entry.at("text").get<std::string>();
    const auto allow = entry.at("allow").get<std::vector<int32_t>>();
    EXPECT_EQ(ids_of(tokenizer, text, Specials::allow), allow) << entry.at("text");
    EXPECT_EQ(ids_of(tokenizer, text, Specials::deny),
              entry.contains("deny") ? entry["deny"].get<std::vector<int32_t>>() : allow)
        << entry.at("text");
  }
}

std::vector<std::string> sid_tokens(int count) {
  std::vector<std::string> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back("<|sid_" + std::to_string(i) + "|>");
  return tokens;
}

class QwenParity : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kQwenRanks))
      GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    Result<Tokenizer> read = Tokenizer::from_tiktoken(kQwenRanks, qwen3_added_tokens());
    ASSERT_TRUE(read.ok()) << to_string(read.error());
    tokenizer = std::move(*read);
  }
  Tokenizer tokenizer;
};

TEST_F(QwenParity, KnownIds) {
  EXPECT_EQ(tokenizer.size(), 151669);
  EXPECT_EQ(ids_of(tokenizer, "user", Specials::deny), (std::vector<int32_t>{872}));
  EXPECT_EQ(ids_of(tokenizer, "system", Specials::deny), (std::vector<int32_t>{8948}));
  EXPECT_EQ(ids_of(tokenizer, "assistant", Specials::deny), (std::vector<int32_t>{77091}));
  EXPECT_EQ(ids_of(tokenizer, "\n", Specials::deny), (std::vector<int32_t>{198}));
  EXPECT_EQ(ids_of(tokenizer, "Hello world", Specials::deny), (std::vector<int32_t>{9707, 1879}));
  EXPECT_EQ(ids_of(tokenizer, "这是一部涵盖喜剧、悬疑与惊悚的电影", Specials::deny),
            (std::vector<int32_t>{43288, 114292, 102994, 111234, 5373, 100588, 99515, 57218, 99851,
                                  120507, 9370, 100378}));
  EXPECT_EQ(tokenizer.added("<|im_start|>"), 151644);
  EXPECT_EQ(tokenizer.added("</think>"), 151668);
}

TEST_F(QwenParity, SameIdsAsHuggingFace) {
  EXPECT_EQ(tokenizer.extend(sid_tokens(64)), 151669);
  expect_same(tokenizer, read_json(kFixtures + "qwen_cases.json"));
}

TEST_F(QwenParity, DecodesWhatItEncodes) {
  const json fixture = read_json(kFixtures + "qwen_cases.json");
  tokenizer.extend(sid_tokens(64));
  for (const json& entry : fixture.at("cases")) {
    const auto ids = entry.at("allow").get<std::vector<int32_t>>();
    const std::string text = tokenizer.decode(ids);
    EXPECT_EQ(tokenizer.decode(ids_of(tokenizer, text, Specials::allow)), text) << entry.at("text");
  }
}

TEST_F(QwenParity, PartsJoinToTheToken) {
  int merged = 0;
  for (int32_t id = 0; id < tokenizer.size(); id += 7) {
    const auto parts = tokenizer.parts(id);
    if (!parts) continue;
    ++merged;
    EXPECT_EQ(
        std::string(tokenizer.bytes(parts->first)) + std::string(tokenizer.bytes(parts->second)),
        tokenizer.bytes(id));
    EXPECT_LT(parts->first, id);
    EXPECT_LT(parts->second, id);
  }
  EXPECT_GT(merged, 21000);
}

/// A pruned tokenizer reads its texts as the full one does, row by row.
TEST_F(QwenParity, PrunedTokenizerAgreesOnOwnedTexts) {
  const json fixture = read_json(kFixtures + "qwen_cases.json");
  tokenizer.extend(sid_tokens(64));
  std::vector<int32_t> used;
  for (int32_t byte = 0; byte < 256; ++byte) used.push_back(byte);
  for (const json& entry : fixture.at("cases")) {
    for (const int32_t id : entry.at("allow")) {
      if (std::find(used.begin(), used.end(), id) == used.end()) used.push_back(id);
    }
  }
  const std::vector<int32_t> rows = tokenizer.with_parts(used);
  const std::string folder = ::testing::TempDir() + "rexp_pruned_tokenizer";
  const Status saved = tokenizer.save_pruned(folder, rows);
  ASSERT_TRUE(saved.ok()) << to_string(saved.error());
  const Result<Tokenizer> pruned = Tokenizer::from_folder(folder);
  ASSERT_TRUE(pruned.ok()) << to_string(pruned.error());
  EXPECT_EQ(pruned->size(), static_cast<int32_t>(rows.size()));
  for (const json& entry : fixture.at("cases")) {
    std::vector<int32_t> full;
    for (const int32_t row : ids_of(*pruned, entry.at("text").get<std::string>(), Specials::allow))
      full.push_back(rows.at(row));
    EXPECT_EQ(full, entry.at("allow").get<std::vector<int32_t>>()) << entry.at("text");
  }
}

class FolderParity : public ::testing::TestWithParam<const char*> {};

TEST_P(FolderParity, SameIdsAsHuggingFace) {
  const std::string folder = kFixtures + GetParam();
  const Result<Tokenizer> tokenizer = Tokenizer::from_folder(folder);
  ASSERT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());
  expect_same(*tokenizer, read_json(folder + "/cases.json"));
}

/// Saving all tokens and reading them again changes nothing.
TEST_P(FolderParity, SurvivesSaving) {
  const Result<Tokenizer> tokenizer = Tokenizer::from_folder(kFixtures + GetParam());
  ASSERT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());
  std::vector<int32_t> rows;
  for (int32_t id = 0; id < tokenizer->size(); ++id) rows.push_back(id);
  const std::string folder = ::testing::TempDir() + "rexp_saved_" + GetParam();
  const Status saved = tokenizer->save_pruned(folder, rows);
  ASSERT_TRUE(saved.ok()) << to_string(saved.error());
  const Result<Tokenizer> again = Tokenizer::from_folder(folder);
  ASSERT_TRUE(again.ok()) << to_string(again.error());
  expect_same(*again, read_json(kFixtures + GetParam() + "/cases.json"));
}

INSTANTIATE_TEST_SUITE_P(Families, FolderParity,
                         ::testing::Values("qwen2_style", "llama3_style", "smollm2_style"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace rexp::text
