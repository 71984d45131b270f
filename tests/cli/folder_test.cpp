// The folder of a trained model, as other programs find it in the store.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

/// Two codebooks, each learnt in a stage of its own, then a stage that talks and prints no id.
constexpr char kProgram[] = R"(edition 2026
import std.toy
import std.train { adamw }
import std.models { RandomModel }
dataset films { source = toy.films(users = 40, items = 30); split = leave_one_out }
codebook sid { of = films.items; learn = toy.tree { levels = [4, 4] } }
codebook other {
  of = films.items; learn = toy.tree { levels = [3, 3, 3] }; surface = n => "<|other_${n}|>"; open = "<|other|>"
}
template by_sid(i: Item) { document "${i.sid}" }
template by_other(i: Item) { document "${i.other}" }
template by_name(i: Item) { user "Which film?"; assistant "film ${i.id}" }
task a = [by_sid(i) for i in films.items]
task b = [by_other(i) for i in films.items]
task c = [by_name(i) for i in films.items]
stage first_ { adds = sid.tokens; data = a; length = 1 steps; batch = 8 rows; window = 32 tokens; optimizer = adamw { lr = 1e-3 } }
stage second_ { adds = other.tokens; data = b; length = 1 steps; batch = 8 rows; window = 64 tokens; optimizer = adamw { lr = 1e-3 } }
stage third_ { data = c; length = 1 steps; batch = 8 rows; window = 48 tokens; optimizer = adamw { lr = 1e-3 } }
let small: Model = RandomModel { hidden = 32; layers = 1; heads = 2; kv_heads = 1; head_dim = 16; ffn = 64; think = empty }
experiment x(base: Model = small, seed: Seed = 7) { m = base |> first_ |> second_ |> third_ }
)";

/// The trained folder, asked.
constexpr char kAsks[] = R"(edition 2026
import std.toy
import std.models
import std.eval { evaluate, beam, hit }
dataset films { source = toy.films(users = 40, items = 30); split = leave_one_out }
codebook sid { of = films.items; learn = toy.tree { levels = [4, 4] } }
template next_film(h: past History, n: target Item) { user "Seen ${h.sid sep " "}"; assistant "${n.sid}" }
protocol p { rows = films.test; ask = next_film; decode = beam(3, within = sid.legal); metrics = [hit@1] }
experiment e(base: Model = models.folder("trained") with { think = empty }, seed: Seed = 7) { scores = base |> evaluate(p) }
)";

json read_json(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return json::parse(file);
}

/// One run for all tests.
class Folder : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = std::make_unique<World>();
    if (!has_qwen_tokenizer()) return;
    world_->place.write("a.rexp", kProgram);
    world_->run = world_->place.rexp({"run", "a.rexp", "--json", "--quiet"});
  }
  static void TearDownTestSuite() { world_.reset(); }
  void SetUp() override {
    if (run.code < 0) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    ASSERT_EQ(run.code, 0) << run.err;
  }

  std::string artifact(const std::string& node) const { return artifact_of(place, run, node); }

  /// The last stage's folder under a name that programs use, one of its files with `from` replaced by `to`.
  void copy(const std::string& name, const std::string& file = "", const std::string& from = "",
            const std::string& to = "") const {
    std::filesystem::remove_all(place.path(name));
    std::filesystem::copy(artifact("x/third_"), place.path(name),
                          std::filesystem::copy_options::recursive);
    if (file.empty()) return;
    std::ifstream in(place.path(name + "/" + file));
    std::string text(std::istreambuf_iterator<char>(in), {});
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    place.write(name + "/" + file, text.replace(at, from.size(), to));
  }

  struct World {
    Workplace place;
    Outcome run;
  };
  static inline std::unique_ptr<World> world_;
  Workplace& place = world_->place;
  Outcome& run = world_->run;
};

TEST_F(Folder, HoldsExactlyTheTokensThatTheModelOwns) {
  for (const auto& [node, books] : {std::pair("x/first_", 1), {"x/second_", 2}, {"x/third_", 2}}) {
    const std::string folder = artifact(node);
    const json ours = read_json(folder + "/rexp.json");
    ASSERT_EQ(ours["codebooks"].size(), static_cast<size_t>(books)) << node;
    std::set<std::string> owned;
    for (const json& book : ours["codebooks"]) {
      for (const json& token : book["tokens"]) owned.insert(token);
    }
    EXPECT_EQ(owned.count("<|other|>"), static_cast<size_t>(books - 1));
    const json tokenizer = read_json(folder + "/tokenizer.json");
    std::set<std::string> added;
    for (const json& token : tokenizer["added_tokens"]) {
      const std::string text = token["content"];
      if (text.find("sid_") != std::string::npos || text.find("other") != std::string::npos)
        added.insert(text);
    }
    EXPECT_EQ(added, owned) << node;
    EXPECT_EQ(tokenizer["model"]["vocab"].size(), ours["row_ids"].size()) << "a token for each row";
    EXPECT_EQ(read_json(folder + "/config.json")["vocab_size"], ours["row_ids"].size());
  }
}

TEST_F(Folder, SaysWhereAnAnswerEndsAndHowItIsAsked) {
  const std::string folder = artifact("x/third_");
  const json vocabulary = read_json(folder + "/tokenizer.json")["model"]["vocab"];
  const json &turn = vocabulary["<|im_end|>"], &text = vocabulary["<|endoftext|>"];
  const json config = read_json(folder + "/config.json");
  EXPECT_EQ(config["eos_token_id"], turn);
  EXPECT_EQ(config["bos_token_id"], text);
  const json generation = read_json(folder + "/generation_config.json");
  EXPECT_EQ(generation["eos_token_id"], (json{turn, text}));
  EXPECT_EQ(generation["pad_token_id"], text);
  const json tokenizer = read_json(folder + "/tokenizer_config.json");
  EXPECT_EQ(tokenizer["tokenizer_class"], "PreTrainedTokenizerFast");
  EXPECT_EQ(tokenizer["model_input_names"], (json{"input_ids", "attention_mask"}));
  EXPECT_EQ(tokenizer["eos_token"], "<|im_end|>");
  EXPECT_EQ(tokenizer["pad_token"], "<|endoftext|>");
  EXPECT_NE(tokenizer["chat_template"].get<std::string>().find("<think>\\n\\n</think>"),
            std::string::npos);
}

TEST_F(Folder, IsAskedAsItStands) {
  copy("trained");
  place.write("b.rexp", kAsks);
  const Outcome asked = place.rexp({"run", "b.rexp", "--quiet"});
  EXPECT_EQ(asked.code, 0) << asked.err;
}

TEST_F(Folder, CarriesTheIdsOfTheCatalogueInTheFormOfOtherProjects) {
  const std::string folder = artifact("x/third_");
  const json first = read_json(folder + "/index.json"),
             second = read_json(folder + "/index.2.json");
  ASSERT_EQ(first.size(), 30u);
  ASSERT_EQ(second.size(), 30u);
  EXPECT_EQ(second.begin()->size(), 4u) << "levels and clashes, no mark";
  const json book = read_json(artifact("sid") + "/codebook.json");
  const json vocabulary = read_json(folder + "/tokenizer.json")["model"]["vocab"];
  for (size_t item = 0; item < 30; ++item) {
    const json tokens = first[book["items"][item].get<std::string>()];
    EXPECT_EQ(tokens[0], "<|sid_" + book["codes"][item][0].dump() + "|>");
    for (const json& token : tokens) EXPECT_TRUE(vocabulary.contains(token.get<std::string>()));
  }
  // decoding with the index and with the codebook of the store is the same
  place.write("prompts.jsonl", "{\"tokens\": [1, 2]}\n");
  const auto decode = [&](const std::string& catalogue) {
    return place.rexp({"decode", "--model", folder, "--catalog", catalogue, "--prompts",
                       "prompts.jsonl", "--beams", "4"});
  };
  const Outcome by_index = decode(folder + "/index.json"),
                by_codebook = decode(artifact("sid") + "/codebook.json");
  ASSERT_EQ(by_index.code, 0) << by_index.err;
  ASSERT_EQ(by_codebook.code, 0) << by_codebook.err;
  EXPECT_EQ(by_codebook.out, by_index.out);
  EXPECT_EQ(by_index.json()["sids"].size(), 4u);

  std::string text = kProgram;
  text.replace(text.find("toy.tree { levels = [4, 4] }"), 28, "toy.tree { levels = [2, 8] }");
  place.write("c.rexp", text);
  const Outcome other = place.rexp({"run", "c.rexp", "--json", "--quiet"});
  for (const json& node : other.json()["nodes"]) {
    if (node["name"] != "sid") continue;
    const Outcome refused =
        decode(place.path("store/artifacts/" + node["key"].get<std::string>() + "/codebook.json"));
    EXPECT_EQ(refused.code, 2);
    EXPECT_NE(refused.err.find("the model was trained with codebook `sid` "), std::string::npos)
        << refused.err;
  }
}

/// A checkpoint as LC-Rec and MiniOneRec leave them: its own tokens `<a_1>`, an index file, and no word of ours.
TEST_F(Folder, ACheckpointWithTokensOfItsOwnIsAsked) {
  copy("foreign");
  for (const char* ours : {"rexp.json", "index.json", "index.2.json"})
    std::filesystem::remove(place.path(std::string("foreign/") + ours));
  // the tokens of `sid`, spelt level by level
  const json book = read_json(artifact("sid") + "/codebook.json");
  std::string spelt;
  {
    std::ifstream in(place.path("foreign/tokenizer.json"));
    spelt.assign(std::istreambuf_iterator<char>(in), {});
  }
  json index;
  int flat = 0;
  for (size_t level = 0; level < book["level_sizes"].size(); ++level) {
    for (int code = 0; code < book["level_sizes"][level].get<int>(); ++code, ++flat) {
      const std::string from = "<|sid_" + std::to_string(flat) + "|>";
      const std::string to = std::string("<") + "abcd"[level] + "_" + std::to_string(code) + ">";
      for (size_t at = 0; (at = spelt.find(from, at)) != std::string::npos;)
        spelt.replace(at, from.size(), to);
    }
  }
  for (size_t item = 0; item < 30; ++item) {
    json tokens;
    for (size_t level = 0; level < book["level_sizes"].size(); ++level)
      tokens.push_back(std::string("<") + "abcd"[level] + "_" + book["codes"][item][level].dump() +
                       ">");
    index[book["items"][item].get<std::string>()] = tokens;
  }
  place.write("foreign/tokenizer.json", spelt);
  place.write("index.json", index.dump());
  std::string asks = kAsks;
  asks.replace(asks.find("learn = toy.tree { levels = [4, 4] }"), 36,
               "learn = index_file(\"index.json\"); clashes = share");
  asks.replace(asks.find("\"trained\""), 9, "\"foreign\"");
  asks.replace(asks.find("import std.toy"), 14,
               "import std.toy\nimport std.codebook { index_file }\nimport std.train { adamw }");
  asks += R"(
task next = [next_film(w.history, w.next) for w in films.train.windows(max = 4)]
stage more { data = next; length = 1 steps; batch = 8 rows; window = 64 tokens; optimizer = adamw { lr = 1e-3 } }
experiment t(base: Model = models.folder("foreign") with { think = empty }, seed: Seed = 7) { scores = base |> more |> evaluate(p) }
)";
  place.write("f.rexp", asks);
  const Outcome asked = place.rexp({"run", "f.rexp", "e", "--quiet", "--json"});
  ASSERT_EQ(asked.code, 0) << asked.err;
  const Outcome shown =
      place.rexp({"render", "f.rexp", "next_film", "--as", "ask", "--experiment", "e", "--json"});
  EXPECT_NE(shown.json()["text"].get<std::string>().find("Seen <a_"), std::string::npos)
      << shown.out << shown.err;
  const Outcome trained = place.rexp({"run", "f.rexp", "t", "--quiet", "--json"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  for (const json& node : trained.json()["nodes"]) {
    if (node["name"] != "t/more") continue;
    const std::string folder = place.path("store/artifacts/" + node["key"].get<std::string>());
    const json owned = read_json(folder + "/rexp.json")["codebooks"];
    ASSERT_EQ(owned.size(), 1u);
    EXPECT_TRUE(owned[0]["first_id"].is_null()) << "the tokens are the tokenizer's own";
    EXPECT_EQ(read_json(folder + "/index.json"), index);
  }
}

TEST_F(Folder, AnotherTokenizerIsRefusedWhereverItIsRead) {
  copy("trained", "tokenizer.json", "<|sid_1|>", "<|sid_x|>");
  place.write("b.rexp", kAsks);
  place.write("prompts.jsonl", "{\"tokens\": [1, 2]}\n");
  place.write("items.jsonl", "{\"item\": 1, \"tokens\": [1, 2]}\n");
  const std::string made = read_json(place.path("trained/rexp.json"))["tokenizer"]["folder_hash"];
  ASSERT_EQ(made.size(), 32u);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"tokenize", "--model", "trained", "--text", "film"},
        {"model", "score", "trained", "--tokens", "1,2"},
        {"decode", "--model", "trained", "--catalog", "items.jsonl", "--prompts", "prompts.jsonl"},
        {"render", "b.rexp", "next_film", "--as", "ask", "--row", "0"},
        {"run", "b.rexp", "--quiet"}}) {
    const Outcome refused = place.rexp(command);
    EXPECT_EQ(refused.code, 2) << command[0] << refused.out;
    EXPECT_NE(
        refused.err.find("the model was made with tokenizer " + made + ", but its folder holds "),
        std::string::npos)
        << command[0] << refused.err;
    EXPECT_NE(refused.err.find("put the tokenizer.json back"), std::string::npos) << command[0];
  }
}

TEST_F(Folder, AnotherThinkModeIsRefusedBeforeAnythingRuns) {
  copy("trained");
  std::string asks = kAsks;
  const std::string declared = " with { think = empty }";
  asks.erase(asks.find(declared), declared.size());
  place.write("b.rexp", asks);
  const Outcome refused = place.rexp({"check", "b.rexp"});
  EXPECT_EQ(refused.code, 2) << refused.out;
  EXPECT_NE(refused.err.find("R0225"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("think mode `empty`"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("think = empty }`"), std::string::npos) << refused.err;
}

}  // namespace
}  // namespace rexp::cli
