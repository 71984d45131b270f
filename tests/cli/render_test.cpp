// `rexp render` shows what the model gets: its ids and its mask are those that a run kept of its own training and asking.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

/// Two tasks of one mixture with their own rows and wordings, a window that cuts histories, a think stub; a dialogue and a
/// document are asked.
constexpr char kProgram[] = R"(edition 2026
import std.toy
import std.train { adamw }
import std.eval { evaluate, beam, hit, ndcg }
import std.models { RandomModel }
schema Film extends Item { title: Text; year: Int; category: [Text] }
dataset films: Interactions<Film> { source = toy.films(users = 60, items = 40); split = leave_one_out }
codebook sid { of = films.items; learn = toy.tree { levels = [8, 8, 8] }; clashes = extra_level }
template line(seen: target [Film]) { document "${seen.sid sep ", "}." }
template next_film(h: past History, next: target Film) {
  system "You know ${h.last(2).title sep " and "}."
  user one of { long: "Seen: ${h.sid sep " "}. What comes next?" * 2; short: "After ${h.sid sep " "}?" }
  assistant "${next.sid}"
}
task reading = [line(s) for s in films.train.sequences(max = 6)]
task next = [next_film(w.history, w.next) for w in films.train.windows(max = 20)]
mixture both { reading = 2x; next = 1x }
stage learn {
  adds = sid.tokens; data = both; length = 2 steps; batch = 16 rows; window = 48 tokens; optimizer = adamw { lr = 1e-3 }
}
protocol talks { rows = films.test; ask = next_film; decode = beam(5, within = sid.legal); seen = [keep]; metrics = [hit@1] }
protocol continues = talks with { ask = line }
protocol ranks = continues with { seen = [drop]; metrics = [ndcg@5] }
let small: Model = RandomModel {
  hidden = 32; layers = 1; heads = 2; kv_heads = 1; head_dim = 16; ffn = 64; think = empty
}
experiment first(base: Model = small, seed: Seed = 7) {
  accuracy = [base |> learn |> evaluate(p) for p in [talks, continues]]
}
experiment more(base: Model = small, seed: Seed = 7) {
  accuracy = [base |> learn |> evaluate(p) for p in [talks, ranks]]
}
)";

class Render : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", kProgram);
    run = place.rexp({"run", "a.rexp", "first", "--json", "--quiet"});
    ASSERT_EQ(run.code, 0) << run.err;
  }

  std::string artifact(const std::string& node) const { return artifact_of(place, run, node); }

  json render(const std::string& name, const std::string& as, const std::string& in,
              int64_t row) const {
    const Outcome shown = place.rexp({"render", "a.rexp", name, "--row", std::to_string(row),
                                      "--as", as, "--in", in, "--experiment", "first", "--json"});
    EXPECT_EQ(shown.code, 0) << shown.err;
    return shown.json();
  }

  Workplace place;
  Outcome run;
};

TEST_F(Render, ShowsTheIdsAndTheMaskOfTraining) {
  std::set<std::pair<std::string, int64_t>> seen;
  std::map<std::string, int> compared;
  bool cut = false;
  for (const json& sample : json_lines(artifact("first/learn") + "/samples.jsonl")) {
    const bool dialogue = sample["text"].get<std::string>().find("<|im_start|>") == 0;
    const std::string task = dialogue ? "next" : "reading", name = dialogue ? "next_film" : "line";
    const int64_t row = sample["row"];
    if (!seen.emplace(task, row).second) continue;  // a copy: its draws are of another position
    const json shown = render(name, "train", task, row);
    EXPECT_EQ(shown["position"], sample["position"]);
    EXPECT_EQ(shown["ids"], sample["ids"]) << task << " " << row;
    EXPECT_EQ(shown["trained"], sample["mask"]) << task << " " << row;
    EXPECT_EQ(shown["text"], sample["text"]);
    cut = cut || shown["dropped"] > 0;
    ++compared[task];
  }
  EXPECT_GE(compared["next"], 2);
  EXPECT_GE(compared["reading"], 2);
  EXPECT_TRUE(cut) << "some history is longer than the window";
}

TEST_F(Render, ShowsTheIdsThatAreAskedAndNothingLongerThanTheWindow) {
  constexpr int64_t kWindow = 48, kAnswer = 4;
  int64_t cut = 0;
  for (const auto& [node, name, protocol] :
       {std::tuple("first/learn/decode", "next_film", "talks"),
        std::tuple("first/learn/decode#2", "line", "continues")}) {
    const std::vector<json> asked = json_lines(artifact(node) + "/asked.jsonl");
    ASSERT_EQ(asked.size(), 6u);
    for (const json& one : asked) {
      const json shown = render(name, "ask", protocol, one["row"]);
      EXPECT_EQ(shown["ids"], one["ids"]) << one.dump();
      EXPECT_LE(one["ids"].size(), kWindow - kAnswer);
      cut += shown["dropped"].get<int64_t>() > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(cut, 0);
  std::ifstream meta(artifact("first/learn/decode") + "/meta.json");
  const std::string notes = json::parse(meta)["notes"].dump();
  EXPECT_NE(notes.find("prompts were longer than the window of 48 tokens"), std::string::npos)
      << notes;
}

TEST_F(Render, ADocumentIsAskedWithWhatStandsBeforeOneMoreElement) {
  const json asked = render("line", "ask", "continues", 0),
             trained = render("line", "train", "reading", 0);
  const auto text = asked["text"].get<std::string>(), whole = trained["text"].get<std::string>();
  EXPECT_EQ(text.rfind(", "), text.size() - 2) << "a separator, and then the answer: " << text;
  EXPECT_EQ(whole.rfind(".<|endoftext|>"), whole.size() - 14) << whole;
  int64_t codes = 0;
  for (const json& level : asked["levels"]) codes += level > 0 ? 1 : 0;
  EXPECT_GT(codes, 0);
  EXPECT_EQ(codes % 4, 0) << "whole ids of four levels";
}

TEST_F(Render, AnotherProtocolOverTheSameQuestionDecodesNothingAnew) {
  const Outcome more = place.rexp({"run", "a.rexp", "more", "--json", "--quiet"});
  ASSERT_EQ(more.code, 0) << more.err;
  const auto before = states(run), after = states(more);
  EXPECT_EQ(before.at("first/learn/decode#2"), "run");
  EXPECT_EQ(after.at("more/learn/decode#2"), "cached") << "other metrics, other treatment of seen";
  EXPECT_EQ(after.at("more/ranks/learn"), "run");
  std::set<std::string> seen;
  const json result = more.json();
  for (const json& row : result["metrics"])
    seen.insert(row["protocol"].get<std::string>() + " " + row["seen"].get<std::string>());
  EXPECT_EQ(seen, (std::set<std::string>{"talks keep", "ranks drop"}));
}

TEST(Demands, ABeamWiderThanTheCatalogueIsSaidBeforeAnythingIsTrained) {
  if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
  Workplace place;
  std::string text;
  for (int user = 0; user < 12; ++user) {
    text += "u" + std::to_string(user);
    for (int event = 0; event < 6; ++event) text += " i" + std::to_string((user + event) % 8);
    text += "\n";
  }
  place.write("seq.txt", text);
  const std::string program = R"(edition 2026
import std.toy
import std.data
import std.codebook { random_codes }
import std.train { adamw }
import std.eval { evaluate, beam, hit }
dataset films { source = data.sequences("seq.txt") }
codebook sid { of = films.items; learn = random_codes(levels = [4, 4]); clashes = extra_level }
template line(seen: target [Item]) { document "${seen.sid sep ""}" }
task reading = [line(s) for s in films.train.sequences(max = 6)]
stage learn { adds = sid.tokens; data = reading; length = 1 steps; optimizer = adamw { lr = 1e-3 } }
protocol p { rows = films.test; ask = line; decode = beam(9, within = sid.legal); metrics = [hit@1] }
experiment e(base: Model = toy.decoder_2m, seed: Seed = 7) { accuracy = base |> learn |> evaluate(p) }
)";
  place.write("a.rexp", program);
  EXPECT_EQ(place.rexp({"check", "a.rexp"}).code, 0) << "nobody knows yet how many there are";
  for (int again = 0; again < 2; ++again) {  // also when the data are in the store already
    const Outcome run = place.rexp({"run", "a.rexp", "--quiet"});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find("`decode` asks for 9 guesses, the catalogue has 8 items"),
              std::string::npos)
        << run.err;
    EXPECT_NE(run.err.find("a.rexp:12"), std::string::npos) << run.err;
  }
  for (const auto& [name, state] : states(place.rexp({"explain", "a.rexp", "--json"})))
    EXPECT_EQ(state == "cached", name == "films" || name == "e/base") << name << " " << state;
  const Outcome narrower =
      place.rexp({"run", "a.rexp", "--quiet", "--set", "p.decode=beam(8, within = sid.legal)"});
  EXPECT_EQ(narrower.code, 0) << narrower.err;
}

}  // namespace
}  // namespace rexp::cli
