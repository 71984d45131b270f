#include "runtime/decode/decode_command.h"
#include "runtime/base/json.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/model/artifact.h"

namespace rexp::decode {
namespace {

using nlohmann::json;

class DecodeCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() /
               (std::string("rexp_decode_command_") +
                ::testing::UnitTest::GetInstance()->current_test_info()->name()))
                  .string();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    model::ModelArtifact m;
    m.config.hidden = 16, m.config.layers = 1, m.config.heads = 2, m.config.kv_heads = 1,
    m.config.head_dim = 8;
    m.config.ffn = 24, m.config.vocab = 50, m.config.max_positions = 32;
    m.weights = model::random_weights(m.config, 5);
    m.weights.embedding.mul_(20);
    m.vocabulary = model::Vocabulary::full(50);
    ASSERT_TRUE(save_model(m, folder_ + "/model").ok());
    write("catalogue.jsonl",
          "{\"item\": 7, \"tokens\": [20, 30]}\n{\"item\": \"b\", \"tokens\": [20, 30]}\n"
          "{\"item\": 9, \"tokens\": [20, 31]}\n{\"item\": 11, \"tokens\": [21, 30]}\n");
    write("prompts.jsonl", "{\"tokens\": [1, 2, 3]}\n{\"tokens\": [4]}\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  json arguments() const {
    return {{"model", folder_ + "/model"},
            {"catalogue", folder_ + "/catalogue.jsonl"},
            {"prompts", folder_ + "/prompts.jsonl"}};
  }
  std::vector<json> run(json more) const {
    json args = arguments();
    args.update(more);
    std::ostringstream out;
    const Status status = decode_command(args, out);
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : to_string(status.error()));
    std::vector<json> lines;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
    return lines;
  }
  Error fail(json more) const {
    json args = arguments();
    args.update(more);
    std::ostringstream out;
    const Status status = decode_command(args, out);
    EXPECT_FALSE(status.ok());
    return status.ok() ? Error{} : status.error();
  }

  std::string folder_;
};

TEST_F(DecodeCommand, WritesOneLineAPrompt) {
  const std::vector<json> lines = run({{"beams", 5}});
  ASSERT_EQ(lines.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(lines[i]["prompt"], i);
    EXPECT_EQ(lines[i]["sids"].size(), 3u);
    EXPECT_EQ(lines[i]["scores"].size(), 3u);
    EXPECT_EQ(lines[i]["certified"], 3);
    for (size_t a = 0; a < 3; ++a)
      if (lines[i]["sids"][a] == json{20, 30}) {
        EXPECT_EQ(lines[i]["items"][a], (json{7, "b"}));
      }
  }
}

TEST_F(DecodeCommand, ExactScoringFindsWhatWideBeamsFind) {
  for (const char* rule : {"model", "level", "trie"}) {
    const std::vector<json> beams = run({{"beams", 3}, {"score", rule}}),
                            exact = run({{"beams", 3}, {"score", rule}, {"exact", true}});
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(beams[i]["sids"], exact[i]["sids"]);
      for (size_t a = 0; a < 3; ++a)
        EXPECT_NEAR(beams[i]["scores"][a].get<double>(), exact[i]["scores"][a].get<double>(), 1e-5);
    }
  }
}

TEST_F(DecodeCommand, UnconstrainedAnswersThatAreNoItemHaveNone) {
  const std::vector<json> lines = run({{"beams", 40}, {"unconstrained", true}});
  ASSERT_EQ(lines[0]["sids"].size(), 40u);
  int64_t empty = 0;
  for (const json& items : lines[0]["items"]) empty += items.empty();
  EXPECT_GE(empty, 37);
}

TEST_F(DecodeCommand, ScoresThatAreNoNumbersAreAnErrorAndNoRanking) {
  const auto failure = [&](float value, json more) {
    auto m = model::load_model(folder_ + "/model");
    EXPECT_TRUE(m.ok());
    m->weights.final_norm.fill_(value);
    EXPECT_TRUE(save_model(*m, folder_ + "/bad").ok());
    json args = arguments();
    args.update(more);
    args["model"] = folder_ + "/bad";
    std::ostringstream out;
    const Status status = decode_command(args, out);
    EXPECT_TRUE(!status.ok() && status.error().kind == ErrorKind::user);
    return status.ok() ? "" : to_string(status.error());
  };
  EXPECT_NE(failure(std::nanf(""), json::object()).find("tensor 'model.norm.weight' holds NaN"),
            std::string::npos);
  for (const json& more : {json{{"beams", 2}}, json{{"beams", 2}, {"score", "trie"}},
                           json{{"beams", 2}, {"score", "level"}},
                           json{{"beams", 2}, {"unconstrained", true}}, json{{"exact", true}}}) {
    EXPECT_NE(failure(3e38F, more).find("scores are not finite"), std::string::npos) << more;
  }
}

TEST_F(DecodeCommand, PromptsThatAreTooDeepNameTheirLine) {
  write("prompts.jsonl", "{\"tokens\": [1]}\n{\"tokens\": " + std::string(100'000, '[') + "\n");
  std::ostringstream out;
  const Status status = decode_command(arguments(), out);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(to_string(status.error()).find("prompts.jsonl:2: values lie in one another"),
            std::string::npos);
}

TEST_F(DecodeCommand, MistakesNameTheFileAndTheLine) {
  write("far.jsonl", "{\"tokens\": [1]}\n{\"tokens\": [50]}\n");
  Error e = fail({{"prompts", folder_ + "/far.jsonl"}});
  EXPECT_EQ(e.file, folder_ + "/far.jsonl");
  EXPECT_EQ(e.line, 2);
  EXPECT_NE(e.message.find("50"), std::string::npos);

  write("far_items.jsonl",
        "{\"item\": 1, \"tokens\": [1, 2]}\n\n{\"item\": 2, \"tokens\": [1, 99]}\n");
  e = fail({{"catalogue", folder_ + "/far_items.jsonl"}});
  EXPECT_EQ(e.file, folder_ + "/far_items.jsonl");
  EXPECT_EQ(e.line, 3);

  for (const char* line : {"[1, 2]", "{\"tokens\": []}", "{\"tokens\": [\"a\"]}",
                           "{\"tokens\": [-1]}", "{\"text\": 1}", "{"}) {
    write("bad.jsonl", std::string(line) + "\n");
    EXPECT_EQ(fail({{"prompts", folder_ + "/bad.jsonl"}}).line, 1) << line;
  }
  EXPECT_EQ(fail({{"model", folder_ + "/nowhere"}}).kind, ErrorKind::user);
  EXPECT_EQ(fail({{"score", "best"}}).kind, ErrorKind::user);
  EXPECT_EQ(fail({{"beams", "many"}}).kind, ErrorKind::user);
  EXPECT_EQ(fail({{"beams", 0}}).kind, ErrorKind::user);
  EXPECT_EQ(fail({{"exact", true}, {"unconstrained", true}}).kind, ErrorKind::user);
  EXPECT_EQ(fail({{"score", "trie"}, {"unconstrained", true}}).kind, ErrorKind::user);
}

}  // namespace
}  // namespace rexp::decode
