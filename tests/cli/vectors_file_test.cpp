// Vectors from a file, and the codebook that is learnt on them, extended when the catalogue grows.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

constexpr int kOld = 24, kNew = 30;  // items of the catalogue before and after

/// A dataset `films` of a file, `kBook`, and a model that learns to tell films by their ids.
constexpr char kProgram[] = R"(edition 2026
import std.data { sequences }
import std.codebook { residual_k_means, vectors_file, extended }
import std.train { adamw }
import std.models { RandomModel }
import std.eval { evaluate, beam, hit }
dataset films { source = sequences("old.txt"); split = leave_one_out }
codebook sid { of = films.items; learn = residual_k_means { vectors = vectors_file(films.items, "vectors.jsonl"); levels = [4, 4] } }
template by_sid(i: Item) { document "${i.sid}" }
task facts = [by_sid(i) for i in films.items]
stage learn { adds = sid.tokens; data = facts; length = 2 steps; batch = 8 rows; window = 32 tokens; new_rows = codebook; optimizer = adamw { lr = 1e-3 } }
let small: Model = RandomModel { hidden = 32; layers = 1; heads = 2; kv_heads = 1; head_dim = 16; ffn = 64 }
experiment before(base: Model = small, seed: Seed = 7) { m = base |> learn }

dataset more { source = sequences("new.txt"); split = leave_one_out }
codebook grown { of = more.items; learn = extended { of = sid; vectors = vectors_file(more.items, "more.jsonl") } }
template by_grown(i: Item) { document "${i.grown}" }
task all = [by_grown(i) for i in more.items]
stage learn_all { adds = grown.tokens; data = all; length = 2 steps; batch = 8 rows; window = 32 tokens; new_rows = codebook; optimizer = adamw { lr = 1e-3 } }
experiment after(base: Model = small, seed: Seed = 7) { m = base |> learn_all }
stage learn_more { data = all; length = 2 steps; batch = 8 rows; window = 32 tokens; optimizer = adamw { lr = 1e-3 } }
experiment goes_on(base: Model = small, seed: Seed = 7) { m = base |> learn |> learn_more }
)";

/// The trained folder of `before`, asked about the larger catalogue.
constexpr char kAsks[] = R"(edition 2026
import std.data { sequences }
import std.codebook { Codebook, residual_k_means, vectors_file, extended }
import std.models
import std.eval { evaluate, beam, hit }
dataset films { source = sequences("old.txt"); split = leave_one_out }
dataset more { source = sequences("new.txt"); split = leave_one_out }
let old = Codebook { of = films.items; learn = residual_k_means { vectors = vectors_file(films.items, "vectors.jsonl"); levels = [4, 4] } }
codebook sid { of = more.items; learn = extended { of = old; vectors = vectors_file(more.items, "more.jsonl") } }
template next_film(h: past History, n: target Item) { user "Seen ${h.sid sep " "}"; assistant "${n.sid}" }
protocol p { rows = more.test; ask = next_film; decode = beam(3, within = sid.legal); metrics = [hit@1] }
experiment asks(base: Model = models.folder("trained"), seed: Seed = 7) { scores = base |> evaluate(p) }
)";

std::string name(int item) { return "tt" + std::to_string(item); }

/// Users who see every film of a catalogue, one after the other.
std::string events(int items) {
  std::string text;
  for (int user = 0; user < 6; ++user) {
    text += "u" + std::to_string(user);
    for (int at = 0; at < items; ++at) text += " " + name((7 * user + at) % items);
    text += "\n";
  }
  return text;
}

/// Points on a few rings, as an encoder would give them: what an item's is does not depend on the others.
std::string vectors(int items) {
  std::string text;
  for (int item = items - 1; item >= 0; --item) {
    const double angle = 0.9 * item, radius = 1 + item % 3;
    text += json{{"id", name(item)},
                 {"vector", {radius * std::cos(angle), radius * std::sin(angle), item % 4 - 1.5}}}
                .dump() +
            "\n";
  }
  return text;
}

/// The codes of every item by its id.
std::map<std::string, std::vector<int>> codes_of(const std::string& folder) {
  std::ifstream file(folder + "/codebook.json");
  EXPECT_TRUE(file.good()) << folder;
  const json book = json::parse(file);
  std::map<std::string, std::vector<int>> codes;
  for (size_t i = 0; i < book["items"].size(); ++i)
    codes[book["items"][i]] = book["codes"][i].get<std::vector<int>>();
  return codes;
}

class VectorsFile : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", kProgram);
    place.write("old.txt", events(kOld));
    place.write("new.txt", events(kNew));
    place.write("vectors.jsonl", vectors(kOld) + R"({"id": "tt999", "vector": [0, 0, 0]})" + "\n");
    place.write("more.jsonl", vectors(kNew));
  }
  Outcome run(const std::string& experiment) const {
    return place.rexp({"run", "a.rexp", experiment, "--json", "--quiet"});
  }
  Workplace place;
};

TEST_F(VectorsFile, ACodebookOnItIsExtendedAndNobodyIsRenumbered) {
  const Outcome before = run("before"), after = run("after");
  ASSERT_EQ(before.code, 0) << before.err;
  ASSERT_EQ(after.code, 0) << after.err;
  const auto old = codes_of(artifact_of(place, before, "sid")),
             grown = codes_of(artifact_of(place, after, "grown"));
  ASSERT_EQ(old.size(), static_cast<size_t>(kOld));
  ASSERT_EQ(grown.size(), static_cast<size_t>(kNew));
  std::set<std::vector<int>> ids;
  for (const auto& [item, codes] : grown) {
    if (old.contains(item)) {
      EXPECT_EQ(codes, old.at(item)) << item;
    }
    EXPECT_EQ(codes.size(), 3u);
    ids.insert(codes);
  }
  EXPECT_EQ(ids.size(), grown.size()) << "every item has an id of its own";

  // A model learnt the ids of one catalogue; it can be asked about a larger one, and learn it too.
  std::filesystem::copy(artifact_of(place, before, "before/learn"), place.path("trained"));
  place.write("b.rexp", kAsks);
  const Outcome asked = place.rexp({"run", "b.rexp", "--quiet"});
  EXPECT_EQ(asked.code, 0) << asked.out << asked.err;
  const Outcome goes_on = run("goes_on");
  ASSERT_EQ(goes_on.code, 0) << goes_on.err;
  std::ifstream facts(artifact_of(place, goes_on, "goes_on/learn_more") + "/rexp.json");
  const json owned = json::parse(facts)["codebooks"];
  ASSERT_EQ(owned.size(), 1u) << "the tokens are those that it has";
  EXPECT_EQ(owned[0]["extends"].size(), 1u);

  // Other levels give other codes: that is another codebook, whatever its name.
  std::string other = kAsks;
  other.replace(other.find("levels = [4, 4]"), 15, "levels = [3, 4]");
  place.write("b.rexp", other);
  const Outcome refused = place.rexp({"run", "b.rexp", "--quiet"});
  EXPECT_EQ(refused.code, 2) << refused.out << refused.err;
  EXPECT_NE(refused.err.find("codebook `sid`"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("train again"), std::string::npos) << refused.err;
}

TEST_F(VectorsFile, WhatItHoldsDecidesTheKey) {
  const Outcome first = run("before");
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(states(run("before"))["sid"], "cached");
  place.write("vectors.jsonl", vectors(kOld));  // a line less that no item reads
  const Outcome second = run("before");
  ASSERT_EQ(second.code, 0) << second.err;
  EXPECT_NE(artifact_of(place, first, "films/vectors_file"),
            artifact_of(place, second, "films/vectors_file"));
}

TEST_F(VectorsFile, WhatIsWrongWithItIsSaid) {
  place.write("vectors.jsonl", vectors(kOld - 2));
  Outcome wrong = run("before");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.json()["error"]["message"],
            "2 of 24 items have no vector, the first of them is item `tt22`");
  std::filesystem::remove(place.path("vectors.jsonl"));
  wrong = run("before");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.out.find("R0701"), std::string::npos) << wrong.out;
  EXPECT_TRUE(names_in(place.path("store/pending")).empty());
}

}  // namespace
}  // namespace rexp::cli
