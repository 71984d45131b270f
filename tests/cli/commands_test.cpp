// Every command on good input.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

const std::string kModels = REXP_SOURCE_DIR "/tests/parity/models/";
const std::string kTokenizers = REXP_SOURCE_DIR "/tests/parity/tokenizer/";

json read_json(const std::string& path) {
  std::ifstream file(path);
  return json::parse(file);
}

class Commands : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", small_experiment());
  }
  Workplace place;
};

TEST_F(Commands, CheckIsShortOrJson) {
  const Outcome plain = place.rexp({"check", "a.rexp"});
  EXPECT_EQ(plain.code, 0) << plain.err;
  EXPECT_NE(plain.out.find("fine"), std::string::npos);
  const Outcome machine = place.rexp({"check", "a.rexp", "--json"});
  EXPECT_EQ(machine.code, 0);
  EXPECT_EQ(machine.json(), (json{{"ok", true}, {"diagnostics", json::array()}}));
}

TEST_F(Commands, CheckEmitsEachStage) {
  const std::vector<std::pair<std::string, std::string>> marks = {{"ast", "experiment first"},
                                                                  {"plan", "\"nodes\""},
                                                                  {"rows", "renderer("},
                                                                  {"llvm", "define"}};
  for (const auto& [stage, mark] : marks) {
    const Outcome emitted = place.rexp({"check", "a.rexp", "--emit", stage});
    EXPECT_EQ(emitted.code, 0) << emitted.err;
    EXPECT_NE(emitted.out.find(mark), std::string::npos) << stage << "\n" << emitted.out;
    if (stage != "llvm") continue;
    EXPECT_NE(emitted.out.find("@rexp_plan_main("), std::string::npos);
  }
}

TEST_F(Commands, RunsOnceThenFindsEverythingInTheStore) {
  const Outcome before = place.rexp({"explain", "a.rexp", "--json"});
  ASSERT_EQ(before.code, 0) << before.err;
  for (const auto& [name, state] : states(before)) EXPECT_EQ(state, "run") << name;
  EXPECT_TRUE(names_in(place.path("store")).empty()) << "explaining must create nothing";

  const Outcome first = place.rexp({"run", "a.rexp", "--json"});
  ASSERT_EQ(first.code, 0) << first.err;
  const json result = first.json();
  ASSERT_TRUE(result.is_object()) << first.out;
  EXPECT_EQ(result["ok"], true);
  EXPECT_EQ(result["experiment"], "first");
  EXPECT_TRUE(std::ifstream(place.path("store") + "/artifacts").good());
  EXPECT_TRUE(std::ifstream(result["report"].get<std::string>()).good()) << result["report"];
  std::set<std::string> systems, seen;
  for (const json& row : result["metrics"]) {
    systems.insert(row["system"]);
    seen.insert(row["seen"]);
    EXPECT_EQ(row["protocol"], "last_one");
    EXPECT_EQ(row["split"], "test");
    EXPECT_EQ(row["n"], 60);
    EXPECT_LE(row["low"], row["value"]);
    EXPECT_LE(row["value"], row["high"]);
  }
  EXPECT_EQ(result["metrics"].size(), 8u);
  EXPECT_EQ(systems, (std::set<std::string>{"first/learn", "popularity"}));
  EXPECT_EQ(seen, (std::set<std::string>{"keep", "drop"}));
  for (const auto& [name, state] : states(first)) EXPECT_EQ(state, "run") << name;
  EXPECT_TRUE(names_in(place.path("store/pending")).empty());
  EXPECT_TRUE(names_in(place.path("store/work")).empty());

  const Outcome again = place.rexp({"run", "a.rexp", "--json"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["metrics"], result["metrics"]);
  for (const auto& [name, state] : states(again)) EXPECT_EQ(state, "cached") << name;
  EXPECT_EQ(states(place.rexp({"explain", "a.rexp", "--json"})), states(again));

  const json runs = place.rexp({"runs", "--json"}).json()["runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_GT(runs[0]["id"], runs[1]["id"]) << "newest first";
  for (const json& run : runs) {
    EXPECT_EQ(run["status"], "ok");
    ASSERT_EQ(run["metrics"].size(), result["metrics"].size());
    for (size_t i = 0; i < run["metrics"].size(); ++i) {
      for (const auto& [name, value] : run["metrics"][i].items())
        EXPECT_EQ(value, result["metrics"][i][name]) << name;
    }
  }
}

TEST_F(Commands, ARunIsRemembered) {
  ASSERT_EQ(place.rexp({"run", "a.rexp", "--quiet", "--set", "learn.batch=4 rows"}).code, 0);
  const std::string program = small_experiment();
  place.write("a.rexp", "nothing that was run");
  const Outcome shown = place.rexp({"show", "1", "--json"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  const json run = shown.json();
  EXPECT_EQ(run["status"], "ok");
  EXPECT_EQ(run["experiment"], "first");
  EXPECT_EQ(run["set"], (json{"learn.batch=4 rows"}));
  EXPECT_EQ(run["command"].back(), "learn.batch=4 rows");
  EXPECT_EQ(run["program"], (json{{"a.rexp", program}}));
  EXPECT_EQ(run["made"]["device"], "cpu");
  EXPECT_EQ(run["metrics"].size(), 8u);
  EXPECT_EQ(place.rexp({"show", "1", "--program"}).out, "// a.rexp\n" + program + "\n");

  const Outcome plain = place.rexp({"show", "1"});
  EXPECT_NE(plain.out.find("'learn.batch=4 rows'"), std::string::npos) << plain.out;
  std::filesystem::remove_all(place.path("store/artifacts"));
  EXPECT_NE(place.rexp({"show", "1"}).out.find("not in the store any more"), std::string::npos);
  EXPECT_EQ(place.rexp({"show", "2"}).code, 2);
  EXPECT_EQ(place.rexp({"show"}).code, 2);
}

TEST_F(Commands, BaselinesNeedNoQuestion) {
  place.write("b.rexp", R"(
import std.toy
import std.baseline { popularity }
import std.eval { evaluate, hit }
dataset films { source = toy.films(users = 60, items = 40) }
protocol last_one { rows = films.test; metrics = [hit@10] }
experiment counted(seed: Seed = 7) { accuracy = evaluate(popularity(films.train), last_one) }
)");
  const Outcome run = place.rexp({"run", "b.rexp", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.json()["metrics"].size(), 2u);
  EXPECT_EQ(run.out.find("takes no prompt"), std::string::npos) << run.out;

  const Outcome asked = place.rexp({"run", "a.rexp", "--json"});
  ASSERT_EQ(asked.code, 0) << asked.err;
  EXPECT_NE(asked.out.find("takes no prompt"), std::string::npos) << asked.out;
}

TEST_F(Commands, AChangeRunsOnlyWhatDependsOnIt) {
  ASSERT_EQ(place.rexp({"run", "a.rexp", "--quiet"}).code, 0);
  const std::set<std::string> dependents = {"first/learn", "first/learn/decode",
                                            "first/last_one/learn", "first"};
  place.write("prompt.rexp", small_experiment({{"What comes next?", "What comes next!"}}));
  place.write("comment.rexp", "// one more line\n" + small_experiment());
  const Outcome set = place.rexp({"explain", "a.rexp", "--json", "--set", "learn.length=6 steps"});
  const Outcome prompt = place.rexp({"explain", "prompt.rexp", "--json"});
  for (const Outcome* changed : {&set, &prompt}) {
    ASSERT_EQ(changed->code, 0) << changed->err;
    for (const auto& [name, state] : states(*changed)) {
      EXPECT_EQ(state, dependents.count(name) > 0 ? "run" : "cached") << name;
    }
  }
  for (const auto& [name, state] : states(place.rexp({"explain", "comment.rexp", "--json"}))) {
    EXPECT_EQ(state, "cached") << name;
  }
  const Outcome run = place.rexp({"run", "prompt.rexp", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(states(run), states(prompt));
}

TEST_F(Commands, ALibraryOfAnotherBuildIsRefused) {
  const std::string version = place.rexp({"--version"}).out;  // "rexp 0.1.0-4f0c…"
  const std::string identity = version.substr(5, version.find('\n') - 5);
  ASSERT_GT(identity.size(), 16u) << version;
  const std::string program = place.path("rexp"), library = place.path("librexp_runtime.so");
  std::filesystem::copy_file(REXP_BUILD_DIR "/rexp", program);
  std::filesystem::create_directory_symlink(REXP_SOURCE_DIR "/stdlib", place.path("stdlib"));
  std::ifstream built(REXP_BUILD_DIR "/librexp_runtime.so", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(built), {}};
  const size_t at = bytes.find(identity);
  ASSERT_NE(at, std::string::npos);
  const auto run_with_library = [&] {
    std::ofstream(library, std::ios::binary) << bytes;
    return place.other(program, {"run", "a.rexp", "--quiet"});
  };
  const Outcome same = run_with_library();
  EXPECT_EQ(same.code, 0) << same.err;
  char& last = bytes[at + identity.size() - 1];
  last = last == '0' ? '1' : '0';
  const Outcome stale = run_with_library();
  EXPECT_EQ(stale.code, 2);
  for (const std::string& word :
       {bytes.substr(at, identity.size()), identity, std::string("./dev build")})
    EXPECT_NE(stale.err.find(word), std::string::npos) << stale.err;
}

TEST_F(Commands, RenderShowsTokensAndWhatIsTrained) {
  const Outcome shown =
      place.rexp({"render", "a.rexp", "next_film", "--row", "0", "--tokens", "--mask"});
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_NE(shown.out.find("trained"), std::string::npos);
  EXPECT_NE(shown.out.find("⟦<|sid_"), std::string::npos);
  const Outcome machine = place.rexp({"render", "a.rexp", "next_film", "--row", "0", "--json"});
  ASSERT_EQ(machine.code, 0) << machine.err;
  const json row = machine.json();
  const size_t tokens = row["ids"].size();
  EXPECT_EQ(row["task"], "next");
  ASSERT_EQ(row["trained"].size(), tokens);
  ASSERT_EQ(row["levels"].size(), tokens);
  ASSERT_EQ(row["texts"].size(), tokens);
  int trained = 0;
  for (size_t i = 0; i < tokens; ++i) {
    if (row["trained"][i] != 1) continue;
    ++trained;
    EXPECT_TRUE(row["levels"][i] > 0 || row["texts"][i] == "<|im_end|>") << row["texts"][i];
  }
  EXPECT_EQ(trained, 5) << "four levels and the end of the turn";
}

TEST_F(Commands, RenderTakesAVariant) {
  place.write(
      "v.rexp",
      small_experiment(
          {{R"(user "Seen: ${h.sid sep " "}. What comes next?")",
            R"(user one of { long: "Seen: ${h.sid sep " "}. What comes next?"; brief: "${h.sid sep " "}?" })"}}));
  const Outcome brief =
      place.rexp({"render", "v.rexp", "next_film", "--row", "3", "--variant", "brief"});
  ASSERT_EQ(brief.code, 0) << brief.err;
  EXPECT_EQ(brief.out.find("What comes"), std::string::npos);
  const Outcome wordy =
      place.rexp({"render", "v.rexp", "next_film", "--row", "3", "--variant", "long"});
  EXPECT_NE(wordy.out.find("What comes"), std::string::npos);
}

TEST_F(Commands, TokenizeKnowsQwen) {
  const Outcome ids =
      place.rexp({"tokenize", "--model", "qwen", "--text", "hello <|im_end|> world", "--json"});
  EXPECT_EQ(ids.json()["ids"], (json{14990, 220, 151645, 1879}));
}

TEST(Standalone, TokenizeReadsAFolder) {
  Workplace place;
  const json cases = read_json(kTokenizers + "qwen2_style/cases.json")["cases"];
  int tried = 0;
  for (const json& entry : cases) {
    const std::string text = entry["text"];
    if (text.empty() || text.find('\0') != std::string::npos || text[0] == '-' || ++tried > 8)
      continue;
    const Outcome ids =
        place.rexp({"tokenize", "--model", kTokenizers + "qwen2_style", "--text", text, "--json"});
    ASSERT_EQ(ids.code, 0) << ids.err;
    EXPECT_EQ(ids.json()["ids"], entry["allow"]) << text;
  }
}

TEST(Standalone, ModelScoreGivesTheReferenceLogits) {
  Workplace place;
  for (const char* name : {"qwen3_tied", "qwen3_untied", "llama", "qwen3_sharded"}) {
    const json sequence = read_json(kModels + name + "/expected.json")["sequences"][0];
    std::string tokens;
    for (const json& token : sequence["tokens"])
      tokens += (tokens.empty() ? "" : ",") + token.dump();
    const Outcome scored =
        place.rexp({"model", "score", kModels + name, "--tokens", tokens, "--json"});
    ASSERT_EQ(scored.code, 0) << scored.err;
    const json found = scored.json();
    const json& expected = sequence["logits"].back();
    ASSERT_EQ(found["last_logits"].size(), expected.size());
    ASSERT_EQ(found["logprobs"].size() + 1, sequence["tokens"].size());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(found["last_logits"][i].get<double>(), expected[i].get<double>(), 2e-5) << name;
    }
  }
}

class DecodeProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    const json fixture = read_json(REXP_SOURCE_DIR "/tests/parity/decode/qwen3_tied.json");
    std::string catalogue, prompts;
    int item = 0;
    for (const json& tokens : fixture["catalogue"]) {
      sids.insert(tokens);
      catalogue += json{{"item", item++}, {"tokens", tokens}}.dump() + "\n";
    }
    for (const json& entry : fixture["cases"]) {
      if (entry["beams"] == 6)
        prompts += json{{"tokens", entry["prompt"]}}.dump() + "\n", cases.push_back(entry);
    }
    place.write("items.jsonl", catalogue);
    place.write("prompts.jsonl", prompts);
  }
  std::vector<json> decode(std::vector<std::string> more) const {
    std::vector<std::string> args = {"decode",       "--model",     kModels + "qwen3_tied",
                                     "--catalog",    "items.jsonl", "--prompts",
                                     "prompts.jsonl"};
    args.insert(args.end(), more.begin(), more.end());
    const Outcome outcome = place.rexp(args);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    std::vector<json> lines;
    std::istringstream in(outcome.out);
    for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
    EXPECT_EQ(lines.size(), cases.size());
    lines.resize(cases.size());
    return lines;
  }
  Workplace place;
  std::set<json> sids;
  std::vector<json> cases;
};

TEST_F(DecodeProgram, ConstrainedAndFreeSearchMatchTheReference) {
  const std::vector<json> constrained = decode({"--beams", "6"}),
                          free = decode({"--beams", "6", "--unconstrained"});
  for (size_t p = 0; p < cases.size(); ++p) {
    EXPECT_EQ(constrained[p]["prompt"], p);
    EXPECT_EQ(constrained[p]["sids"], cases[p]["constrained"]["sids"]);
    EXPECT_EQ(free[p]["sids"].size(), 6u);
    for (size_t a = 0; a < free[p]["sids"].size(); ++a) {
      EXPECT_EQ(free[p]["items"][a].empty(), sids.count(free[p]["sids"][a]) == 0);
    }
  }
}

TEST_F(DecodeProgram, WideBeamsReturnTheCatalogueAsExactScoringDoes) {
  for (const char* rule : {"model", "level", "trie"}) {
    const std::vector<json> wide = decode({"--beams", "200", "--score", rule});
    const std::vector<json> exact = decode({"--beams", "200", "--score", rule, "--exact"});
    for (size_t p = 0; p < cases.size(); ++p) {
      ASSERT_EQ(wide[p]["sids"].size(), sids.size()) << "each id of the catalogue once";
      ASSERT_EQ(exact[p]["sids"].size(), sids.size());
      for (size_t a = 0; a < sids.size(); ++a) {
        EXPECT_EQ(sids.count(wide[p]["sids"][a]), 1u);
        EXPECT_FALSE(wide[p]["items"][a].empty());
        EXPECT_NEAR(wide[p]["scores"][a].get<double>(), exact[p]["scores"][a].get<double>(), 1e-4);
      }
      EXPECT_EQ(wide[p]["sids"], exact[p]["sids"]) << rule;
    }
  }
}

TEST(Standalone, EveryCommandHasHelp) {
  Workplace place;
  const std::vector<std::vector<std::string>> commands = {
      {"check"},    {"run"},   {"explain"},        {"render"}, {"runs"},
      {"tokenize"}, {"model"}, {"model", "score"}, {"decode"}, {}};
  for (std::vector<std::string> command : commands) {
    command.push_back("--help");
    const Outcome help = place.rexp(command);
    EXPECT_EQ(help.code, 0) << help.err;
    EXPECT_NE(help.out.find("Usage"), std::string::npos);
    EXPECT_TRUE(help.err.empty());
  }
}

TEST(Standalone, AnUnknownCommandIsNamed) {
  Workplace place;
  const Outcome close = place.rexp({"rnu"}), far = place.rexp({"frobnicate"}),
                none = place.rexp({});
  EXPECT_EQ(close.code, 2);
  EXPECT_NE(close.err.find("no command `rnu`"), std::string::npos) << close.err;
  EXPECT_NE(close.err.find("did you mean `run`"), std::string::npos) << close.err;
  EXPECT_EQ(far.code, 2);
  EXPECT_NE(far.err.find("no command `frobnicate`"), std::string::npos) << far.err;
  EXPECT_EQ(none.code, 2);
}

}  // namespace
}  // namespace rexp::cli
