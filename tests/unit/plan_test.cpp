// Plans: keys, sharing, overrides, files.
#include <set>

#include "tests/unit/compile_program.h"

namespace rexp::testing_programs {
namespace {

const std::string kTwoTasks =
    "template next_film(h: past History, n: target Film) { user one of { plain: \"Seen ${h.sid sep "
    "\" \"}?\"; fresh held_out: \"${h.sid sep \",\"}?\" } assistant \"${n.sid}\" }\n"
    "template about(i: Film) { document \"${i.sid} is ${i.title}\" }\n"
    "task next = [next_film(w.history, w.next) for w in films.train.windows(max = 5)]\n"
    "task reading = [about(i) for i in films.items]\n"
    "stage warm { adds = sid.tokens; data = reading; length = 1 epochs }\n"
    "stage tune { data = next; length = 2 epochs }\n"
    "protocol last_one { rows = films.test; ask = next_film.plain; decode = greedy; metrics = "
    "[hit@1] }\n"
    "experiment run(base: Model = toy.decoder_2m, seed: Seed = 7) { accuracy = base |> warm |> "
    "tune |> evaluate(last_one) }\n";

class Plans : public Programs {
 protected:
  std::map<std::string, std::string> keys(const std::string& text,
                                          std::vector<std::string> overrides = {}) {
    auto c = compile(text, std::move(overrides));
    std::map<std::string, std::string> out;
    if (!c->result.plan) {
      ADD_FAILURE() << (c->codes().empty() ? "no plan" : c->codes().front());
      return out;
    }
    for (const plan::Node& node : c->result.plan->nodes) out[node.name] = node.key;
    return out;
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
      text.replace(at, from.size(), to);
    return text;
  }
  static std::vector<std::string> changed(const std::map<std::string, std::string>& a,
                                          const std::map<std::string, std::string>& b) {
    std::vector<std::string> out;
    for (const auto& [name, key] : a) {
      if (b.count(name) == 0 || b.at(name) != key) out.push_back(name);
    }
    return out;
  }
  using Names = std::vector<std::string>;
};

TEST_F(Plans, InputsComeBeforeTheirUsers) {
  auto c = compile(kFilms + kTwoTasks);
  ASSERT_TRUE(c->result.plan);
  const plan::Plan& plan = *c->result.plan;
  for (size_t i = 0; i < plan.nodes.size(); ++i) {
    for (plan::NodeId input : plan.nodes[i].inputs) EXPECT_LT(input, static_cast<plan::NodeId>(i));
    EXPECT_EQ(plan.nodes[i].key.size(), 32u);
  }
  EXPECT_EQ(plan.nodes[static_cast<size_t>(plan.report)].kind, "report");
}

TEST_F(Plans, CommentsFormatAndLocalNamesDoNotCount) {
  const auto before = keys(kFilms + kTwoTasks);
  std::string other =
      replaced(kTwoTasks, "(w.history, w.next) for w in", "(row.history,   row.next) for row in");
  other = replaced(other, "(i: Film) { document \"${i.sid} is ${i.title}\"",
                   "(film: Film) { document \"${film.sid} is ${film.title}\"");
  EXPECT_EQ(changed(before, keys(kFilms + "// a remark\n" + other)), Names{});
}

TEST_F(Plans, ARenameRunsNothingAgain) {
  auto computed = [&](const std::string& text) {
    auto c = compile(text);
    std::set<std::string> out;
    if (!c->result.plan) ADD_FAILURE() << c->codes().front();
    for (const plan::Node& node : c->result.plan->nodes) {
      if (node.kind != "report") out.insert(node.key);
    }
    return out;
  };
  const std::set<std::string> before = computed(kFilms + kTwoTasks);
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"warm", "opening"},
                                                        {"tune", "closing"},
                                                        {"last_one", "at_the_end"},
                                                        {"experiment run(", "experiment other("},
                                                        {"next_film", "question"}})
    EXPECT_EQ(computed(replaced(kFilms + kTwoTasks, from, to)), before) << from;
}

TEST_F(Plans, ACharacterOfAPromptChangesWhatReadsIt) {
  const auto before = keys(kFilms + kTwoTasks);
  EXPECT_EQ(changed(before, keys(kFilms + replaced(kTwoTasks, "Seen ", "seen "))),
            (Names{"run", "run/last_one/tune", "run/tune", "run/tune/decode"}));
  EXPECT_EQ(changed(before, keys(kFilms + replaced(kTwoTasks, " is $", " = $"))),
            (Names{"run", "run/last_one/tune", "run/tune", "run/tune/decode", "run/warm"}));
  // a held-out wording is nobody's business until a protocol asks it
  EXPECT_EQ(changed(before, keys(kFilms + replaced(kTwoTasks, "sep \",\"", "sep \"; \""))),
            Names{});
  EXPECT_EQ(
      changed(before, keys(kFilms + replaced(kTwoTasks, "next_film.plain", "next_film.fresh"))),
      (Names{"run", "run/last_one/tune", "run/tune/decode"}));
}

TEST_F(Plans, OverridesReachFieldsParametersAndNestedRecords) {
  const std::string text = kFilms + kTwoTasks;
  const auto before = keys(text);
  EXPECT_EQ(changed(before, keys(text, {"tune.length=100 steps"})),
            (Names{"run", "run/last_one/tune", "run/tune", "run/tune/decode"}));
  EXPECT_EQ(changed(before, keys(text, {"last_one.decode=beam(5, within = sid.legal)"})),
            (Names{"run", "run/last_one/tune", "run/tune/decode"}));
  auto c = compile(text, {"warm.optimizer.lr=1e-3", "seed=3", "sid.learn.levels=[4, 8]",
                          "films.ties=id", "base.layers=1"});
  ASSERT_TRUE(c->result.plan) << c->codes().front();
  EXPECT_EQ(c->node("run/warm")->args["optimizer"]["lr"], 1e-3);
  EXPECT_NE(c->node("run/base")->stream, compile(text)->node("run/base")->stream);
  EXPECT_EQ(c->node("run/base")->args["layers"], 1);
  EXPECT_EQ(c->node("sid")->args["learn"]["levels"], nlohmann::json({4, 8}));
  EXPECT_EQ(c->node("films")->args["ties"], "id");
}

TEST_F(Plans, WrongOverridesAreExplained) {
  const std::string text = kFilms + kTwoTasks;
  auto first = [&](const std::string& assignment) {
    auto c = compile(text, {assignment});
    const auto codes = c->codes();
    return codes.empty() ? std::string() : codes.front();
  };
  EXPECT_EQ(first("tune.lenght=3 epochs"),
            "R0501 `tune` has no field `lenght`; did you mean `length`");
  EXPECT_EQ(first("tun.length=3 epochs"),
            "R0501 nothing named `tun` can be set; did you mean `tune`");
  EXPECT_EQ(first("tune.length=3"),
            "R0210 `length` is a number of epochs or a number of steps, found `3`");
  EXPECT_EQ(first("tune"), "R0501 found `tune`, required: path=value");
}

TEST_F(Plans, EqualNodesAreMadeOnce) {
  auto c =
      compile(kFilms + replaced(kTwoTasks, "accuracy = base |> warm |> tune |> evaluate(last_one)",
                                "accuracy = [base |> warm |> tune |> evaluate(last_one), base |> "
                                "warm |> evaluate(last_one)]"));
  ASSERT_TRUE(c->result.plan) << c->codes().front();
  int warm = 0, loads = 0;
  for (const plan::Node& node : c->result.plan->nodes) {
    warm += node.kind == "train" && node.name.rfind("run/warm", 0) == 0;
    loads += node.kind == "load";
  }
  EXPECT_EQ(warm, 1);
  EXPECT_EQ(loads, 1);
}

TEST_F(Plans, WhatIsMeasuredOfGuessesIsNotPartOfThem) {
  const std::string imports =
      "import std.eval { evaluate, beam, hit, ndcg, prefix, tally }\n"
      "import std.baseline { popularity }";
  const std::string text =
      replaced(kFilms, "import std.eval { evaluate, greedy, beam, hit }", imports) + R"(
template t(h: past History, n: target Film) { user "${h.sid sep " "}"; assistant "${n.sid}" }
task next = [t(w.history, w.next) for w in films.train.windows(max = 5)]
stage learn { adds = sid.tokens; data = next; length = 1 steps }
protocol p { rows = films.test; ask = t; decode = beam(5, within = sid.legal); metrics = [hit@1] }
protocol other = p with { metrics = [ndcg@5, prefix@1@5]; seen = [drop]; resamples = 100 }
protocol wide = p with { decode = beam(6, within = sid.legal) }
protocol free = p with { decode = beam(5) }
protocol valid = p with { rows = films.valid }
experiment run(base: Model = toy.decoder_2m) {
  let m = base |> learn
  a = [evaluate(m, q) for q in [p, other, wide, free, valid]]
  b = [evaluate(popularity(films.train), q) for q in [p, other, wide]]
  c = tally(evaluate(m, other).guesses, by = g => g.rank, into = g => g.rank - 1)
}
)";
  auto c = compile(text);
  ASSERT_TRUE(c->result.plan) << c->codes().front();
  std::map<std::string, int> kinds;
  for (const plan::Node& node : c->result.plan->nodes) ++kinds[node.kind];
  EXPECT_EQ(kinds["decode"], 4) << "`other` measures something else of what `p` asks";
  EXPECT_EQ(kinds["rank"], 1);
  EXPECT_EQ(kinds["evaluate"], 7) << "`wide` is `p` for a baseline";
  const auto input = [&](const std::string& name) {
    return c->result.plan->nodes[static_cast<size_t>(c->node(name)->inputs[0])].name;
  };
  EXPECT_EQ(input("run/p/learn"), "run/learn/decode");
  EXPECT_EQ(input("run/other/learn"), "run/learn/decode");
  EXPECT_EQ(input("run/learn/decode/other/tally"), "run/learn/decode");
}

TEST_F(Plans, FilesAreNamedByTheirContent) {
  write("seq.txt", "u1 a b c\nu2 b c a\n");
  const std::string text =
      "edition 2026\nimport std.toy\nimport std.data\nimport std.baseline { popularity }\n"
      "dataset films { source = data.sequences(\"seq.txt\") }\nexperiment e(x: Int = 1) { rival = "
      "popularity(films.train) }\n";
  auto c = compile(text);
  ASSERT_TRUE(c->result.plan) << c->codes().front();
  const plan::Node* load = c->node("films");
  EXPECT_EQ(load->args["source"]["is"], "Files");
  const std::string hash = load->args["source"]["files"]["sequences"];
  EXPECT_EQ(hash.size(), 32u);
  EXPECT_EQ(load->args.dump().find(folder_.string()), std::string::npos);  // no path is hashed
  write("seq.txt", "u1 a b c\nu2 b c d\n");
  EXPECT_NE(compile(text)->node("films")->args["source"]["files"]["sequences"], hash);
}

TEST_F(Plans, SiteTomlNamesSources) {
  write("seq.txt", "u1 a b c\n");
  write("site.toml", "[data]\nmine = \"seq.txt\"\n");
  plan::CompileOptions with = options();
  const std::string path =
      write("program.rexp",
            "import std.baseline { popularity }\ndataset films { source = site.data.mine }\n"
            "experiment e(x: Int = 1) { rival = popularity(films.train) }\n");
  EXPECT_FALSE(compile_file(path, with)->result.ok);
  ASSERT_TRUE(with.catalog.add_site(path).ok());
  auto c = compile_file(path, with);
  EXPECT_TRUE(c->result.ok) << c->codes().front();
}

TEST_F(Plans, ExamplesCompile) {
  for (const char* name :
       {"toy", "one_template", "two_stage", "constrained", "sweep", "quickstart"}) {
    plan::CompileOptions with = options();
    with.check_only = std::string(name) == "quickstart";  // its data may be absent
    auto c = compile_file(std::string(REXP_SOURCE_DIR) + "/examples/" + name + ".rexp", with);
    EXPECT_TRUE(c->result.ok) << name;
    for (const auto& d : c->sink.take(100))
      ADD_FAILURE() << diagnostics::render(d, c->sources, false);
  }
}

}  // namespace
}  // namespace rexp::testing_programs
