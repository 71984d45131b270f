// Values as the evaluator makes them, printed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "compiler/eval/eval.h"
#include "compiler/row/row_tree.h"
#include "compiler/row/verify.h"

namespace rexp::eval {
namespace {

const std::string kFilms = R"(edition 2026
import std.toy
import std.core { min, max, floor, log2 }
import std.rec { copies }
import std.train { adamw, Schedule }
import std.eval { evaluate, greedy, beam, hit, tally, interactions }
schema Film extends Item { title: Text; year: Int; category: [Text] }
schema Rated extends Interaction { rating: Float }
dataset films: Interactions<Film, Rated> { source = toy.films(users = 20, items = 30) }
codebook sid { of = films.items; learn = toy.tree { levels = [8, 8] } }
)";

/// A program from its text to its values.
struct Evaluated {
  explicit Evaluated(const std::string& path, Settings settings = {})
      : program(sources, sink, std::string(REXP_SOURCE_DIR) + "/stdlib") {
    if (!program.load(path)) return;
    typed = check::check_program(program);
    if (!sink.has_errors()) evaluator.emplace(program, typed, std::move(settings));
  }

  Symbol symbol(const std::string& name) { return *program.lookup(program.main(), name); }
  /// A declaration's value, or the first diagnostic.
  std::string value(const std::string& name) {
    if (!evaluator) return first();
    const Maybe value = evaluate_declaration(*evaluator, symbol(name));
    return value ? print(*evaluator, *value) : first();
  }
  Maybe raw(const std::string& name) {
    return evaluator ? evaluate_declaration(*evaluator, symbol(name)) : std::nullopt;
  }
  /// The renderer of a task's first part.
  std::string renderer(const std::string& task) {
    const Maybe value = raw(task);
    if (!value) return first();
    const row::RowFunction& function = *value->shared<Task>()->parts[0].render;
    EXPECT_EQ(row::verify(function), "");
    return row::canonical(function);
  }
  /// The first error.
  std::string first() {
    for (const auto& d : sink.take(100)) {
      if (diagnostics::level_of(d.kind) == diagnostics::Level::error)
        return diagnostics::code_of(d.kind) + (" " + d.message);
    }
    return "";
  }

  source::SourceMap sources;
  diagnostics::Sink sink;
  check::Program program;
  check::Typed typed;
  std::optional<Evaluator> evaluator;
};

class Evaluate : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("rexp_eval_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Evaluated> run(const std::string& text, Settings settings = {}) {
    const std::string path = (folder_ / "program.rexp").string();
    std::ofstream(path, std::ios::binary) << kFilms << text;
    return std::make_unique<Evaluated>(path, std::move(settings));
  }
  std::string value(const std::string& expression) {
    return run("let x = " + expression + "\n")->value("x");
  }
  /// What evaluating the whole program reports first.
  std::string problem(const std::string& text) {
    auto r = run(text);
    if (r->evaluator) evaluate_everything(*r->evaluator);
    return r->first();
  }

  std::filesystem::path folder_;
};

TEST_F(Evaluate, ConstantsAreComputed) {
  EXPECT_EQ(value("1 + 2 * 3"), "7");
  EXPECT_EQ(value("7 / 2"), "3.5");
  EXPECT_EQ(value("2 * 3 epochs"), "6 epochs");
  EXPECT_EQ(value("6 epochs / 4 epochs"), "1.5");
  EXPECT_EQ(value("44% + 6%"), "50%");
  EXPECT_EQ(value("[1, 2, 3].where(x => x > 1).map(x => x * x)"), "[4, 9]");
  EXPECT_EQ(value("[[1], [2, 3]].flat_map(x => x)"), "[1, 2, 3]");
  EXPECT_EQ(value("[3, 1, 3, 2].most_common(2)"), "[3, 1]");
  EXPECT_EQ(value("[\"b\", \"a\", \"a\"].most_common(1)"), "[\"a\"]");
  EXPECT_EQ(value("[1, 2, 3].last(2) + [9]"), "[2, 3, 9]");
  EXPECT_EQ(value("\"好吃\".length"), "2");
  EXPECT_EQ(value("\"${[1, 2] sep \"-\"} %{for t in [\"a\", \"b\"] sep \";\"}<${t}>%{end}\""),
            "\"1-2 <a>;<b>\"");
  EXPECT_EQ(value("min(3, 5)"), "3");
  EXPECT_EQ(value("max(3 epochs, 2 epochs)"), "3 epochs");
  EXPECT_EQ(value("floor(7 / 2)"), "3");
  EXPECT_EQ(value("log2(8)"), "3");
  EXPECT_EQ(value("3 in 1 .. 5"), "true");
  EXPECT_EQ(value("if \"b\" > \"a\" then 1 else 2"), "1");
}

TEST_F(Evaluate, NumbersThatCannotBeAreErrors) {
  EXPECT_EQ(value("1 / 0"), "R0203 division by zero");
  EXPECT_EQ(value("9000000000000000 * 9000000000000000"),
            "R0203 the result does not fit in 64 bits");
  EXPECT_EQ(value("[1, 2][2]"), "R0203 index 2 is outside a list of 2");
}

TEST_F(Evaluate, NamedRangesAreRanges) {
  auto r = run("let r = 1 .. 5\nlet inside = 5 in r\nlet outside = 6 in r\n");
  EXPECT_EQ(r->value("r"), "1 .. 5");
  EXPECT_EQ(r->value("inside"), "true");
  EXPECT_EQ(r->value("outside"), "false");
}

TEST_F(Evaluate, WhatWasWrittenStaysAndDefaultsFollow) {
  auto r =
      run("schema Plan { epochs: Int; rows: Int = epochs * 10 }\n"
          "let a = Plan { epochs = 2 }\nlet b = a with { epochs = 3 }\n"
          "let c = a with { rows = 5 }\nlet d = c with { epochs = 9 }\n");
  EXPECT_EQ(r->value("a"), "Plan { epochs = 2; rows = 20 }");
  EXPECT_EQ(r->value("b"), "Plan { epochs = 3; rows = 30 }");
  EXPECT_EQ(r->value("d"), "Plan { epochs = 9; rows = 5 }");
}

TEST_F(Evaluate, ConditionsShowWhatWasWritten) {
  EXPECT_EQ(value("adamw { lr = 2 }"), "R0203 `lr` of `AdamW` is 2, required: 0 < it and it < 1");
  EXPECT_EQ(value("(adamw { lr = 0.1 }) with { lr = 2.0 }"),
            "R0203 `lr` of `AdamW` is 2.0, required: 0 < it and it < 1");
}

TEST_F(Evaluate, OriginsRememberEveryStep) {
  auto r = run("let a = adamw { lr = 0.1 }\nlet b = a with { lr = 0.2 }\n");
  const Maybe b = r->raw("b");
  ASSERT_TRUE(b);
  const check::Schema& schema =
      r->program.schema(r->program.types[b->shared<Record>()->type].index);
  for (size_t i = 0; i < schema.fields.size(); ++i) {
    const std::vector<Origin>& origins = b->shared<Record>()->fields[i].origins;
    if (schema.fields[i].name != "lr") {
      EXPECT_EQ(origins.back().kind, Origin::Kind::fallback);
      continue;
    }
    ASSERT_EQ(origins.size(), 2u);
    EXPECT_EQ(origins[0].kind, Origin::Kind::declaration);
    EXPECT_EQ(origins[1].kind, Origin::Kind::with);
  }
}

TEST_F(Evaluate, MetricsWaitForTheirNumbers) {
  auto r = run("fn hits(k: Int) -> [Metric] = [hit(k), hit(2 * k)]\nlet depths = hits(5).depth\n");
  EXPECT_EQ(r->value("depths"), "[5, 10]");
}

TEST_F(Evaluate, EqualCallsAreEvaluatedOnce) {
  std::string text = "fn f0(x: Int) -> Int = x + 1\n";
  for (int i = 1; i <= 30; ++i)
    text += "fn f" + std::to_string(i) + "(x: Int) -> Int = f" + std::to_string(i - 1) + "(x) + f" +
            std::to_string(i - 1) + "(x)\n";
  auto r = run(text + "let y = f30(1)\n");
  EXPECT_EQ(r->value("y"), "2147483648");
  EXPECT_LT(r->evaluator->steps, 1000);
}

TEST_F(Evaluate, WhatNeverEndsIsSaid) {
  std::string text = "fn f0(x: Int) -> Int = x\n";
  for (int i = 1; i <= 60; ++i)
    text += "fn f" + std::to_string(i) + "(x: Int) -> Int = f" + std::to_string(i - 1) + "(f" +
            std::to_string(i - 1) + "(x + 1))\n";
  EXPECT_EQ(run(text + "let y = f60(1)\n")->value("y"), "R0110 this takes too many steps");
}

TEST_F(Evaluate, RowsAreOperationsOfTheRun) {
  auto r = run(
      "let a = films.train.windows(max = 5)\nlet b = films.train.where(w => w.history.length > 2)\n"
      "let c = a + films.valid.windows(max = 5)\n");
  EXPECT_EQ(r->value("a"), "films.train.windows(min = 1, max = 5)");
  EXPECT_EQ(r->value("b"),
            "films.train.windows(min = 1, max = 50).where(each = w => w.history.length > 2)");
  EXPECT_EQ(r->value("c"),
            "films.train.windows(min = 1, max = 5) + films.valid.windows(min = 1, max = 5)");
  EXPECT_EQ(problem("let x = films.train.windows(max = 0)\n"),
            "R0203 `max` of `windows` is 0, at least 1 is required");
}

TEST_F(Evaluate, FunctionsAreInlinedAndNamesAreGone) {
  auto direct =
      run("template t(h: past History, n: target Film) { user \"${h.last(2).title sep \", \"}\"; "
          "assistant \"${n.sid}\" }\n"
          "task next = [t(w.history, w.next) for w in films.train.windows(max = 5)]\n");
  auto through = run(
      "fn newest(events: past History, count: Int) -> past [Text] = events.last(count).map(e => "
      "e.title)\nlet two = 1 + 1\n"
      "template t(seen: past History, answer: target Film) { user \"${newest(seen, two) sep \", "
      "\"}\"; assistant \"${answer.sid}\" }\n"
      "task next = [t(row.history, row.next) for row in films.train.windows(max = 5)]\n");
  EXPECT_EQ(direct->renderer("next"), through->renderer("next"));
  EXPECT_NE(direct->renderer("next").find("(last:list.event"), std::string::npos);
}

TEST_F(Evaluate, ListsOfEventsAreReadAsItemsWithoutAnotherLoop) {
  const std::string task =
      "task next = [t(w.history, w.next) for w in films.train.windows(max = 5)]\n";
  auto events =
      run("template t(h: past History, n: target Film) { user \"${h.last(2).title sep "
          "\",\"}\"; assistant \"${n.sid}\" }\n" +
          task);
  auto items =
      run("template t(h: past [Film], n: target Film) { user \"${h.last(2).title sep "
          "\",\"}\"; assistant \"${n.sid}\" }\n" +
          task);
  EXPECT_EQ(events->renderer("next"), items->renderer("next"));
}

TEST_F(Evaluate, EnumsAndOptionalsLiveInRows) {
  auto r =
      run("enum Age { old, young }\nfn age(y: Int) -> Age = if y < 1990 then old else young\n"
          "fn maybe(y: Int) -> Text? = if y > 2000 then \"new\" else none\n"
          "fn word(t: Text?) -> Text = if t != none then t else \"?\"\n"
          "template t(i: Film) { document \"${i.sid}%{if age(i.year) == old}old%{end}${match "
          "(age(i.year)) "
          "{ old => \"o\", young => \"y\" }}${word(maybe(i.year))}\" }\n"
          "task next = [t(i) for i in films.items]\n");
  const std::string text = r->renderer("next");
  EXPECT_NE(text.find("(const_text:text\"o\")"), std::string::npos) << text;
  EXPECT_NE(text.find("(not_:boolean"), std::string::npos) << text;
}

TEST_F(Evaluate, ColumnsOfInteractionsComeBeforeThoseOfItems) {
  auto r =
      run("template t(h: past History, n: target Film) { user \"${h.rating.map(x => floor(x)) sep "
          "\",\"} ${h.title sep \",\"}\"; assistant \"${n.sid}\" }\n"
          "task next = [t(w.history, w.next) for w in films.train.windows(max = 5)]\n");
  const std::string text = r->renderer("next");
  EXPECT_NE(text.find("\"events\" \"rating\""), std::string::npos) << text;
  EXPECT_NE(text.find("\"items\" \"title\""), std::string::npos) << text;
}

TEST_F(Evaluate, AnotherDatasetHasItsOwnCodebook) {
  const std::string other =
      "dataset others: Interactions<Film> { source = toy.films(users = 9, items = 9) }\n"
      "template t(i: Film) { document \"${i.sid}\" }\n";
  EXPECT_EQ(problem(other + "task a = [t(i) for i in others.items]\n"),
            "R0102 dataset `others` has no codebook `sid`");
  EXPECT_EQ(problem(other + "task a = [t(i) for i in films.items]\n"), "");
}

TEST_F(Evaluate, WhatTheRunCountsIsNotKnownBefore) {
  const std::string tasks =
      "template t(i: Film) { document \"${i.sid}\" }\n"
      "task a = [t(i) for i in films.items]\n"
      "task b = [t(i) for i in films.items where i.year > 1990]\n"
      "mixture shares { a = 40%; b = 60% }\nmixture one { a = 2x }\n"
      "mixture two = copies(1x, of = [a, b])\n";
  EXPECT_EQ(
      problem(tasks + "require shares.share(a) in 35% .. 45%\nrequire one.share(a) == 100%\n"), "");
  EXPECT_EQ(problem(tasks + "require two.share(a) in 40% .. 48%\n").substr(0, 5), "R0601");
}

TEST_F(Evaluate, RowsAreNotKnownWhileCompiling) {
  const std::string template_text =
      "template t(h: past History, n: target Film) { user \"?\"; assistant \"${n.sid}\" }\n";
  EXPECT_EQ(problem(template_text +
                    "task a = [t(w.history, w.next) for w in films.train.windows(max = 5) "
                    "where [1, 2, 3][w.history.length] > 1]\n"),
            "R0601 the index of a list is fixed before the run; `w.history.length` is only known "
            "per example");
  EXPECT_EQ(problem("template g() { user \"hello\"; assistant \"hello\" }\nlet outside = g()\n"),
            "R0602 a template is applied to the rows of a task, there is no row here");
}

TEST_F(Evaluate, ExperimentsAreValues) {
  auto r =
      run("template t(i: Film) { document \"${i.sid}\" }\ntask a = [t(i) for i in films.items]\n"
          "stage learn(what: Task = a) { adds = sid.tokens; data = what; length = 1 epochs }\n"
          "experiment e(base: Model = toy.decoder_2m, seed: Seed = 9) { model = base |> learn }\n");
  ASSERT_TRUE(r->evaluator) << r->first();
  const auto value = evaluate_experiment(*r->evaluator, r->symbol("e"));
  ASSERT_TRUE(value) << r->first();
  EXPECT_EQ(value->seed, 9u);
  ASSERT_EQ(value->outputs.size(), 1u);
  const auto* made = value->outputs[0].second.shared<Made>();
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->arguments[0].first, "stage");
  EXPECT_EQ(made->arguments[0].second.shared<Record>()->name, "learn");
}

TEST_F(Evaluate, SweepsAreListsOfAssignments) {
  auto r =
      run("template t(i: Film) { document \"${i.sid}\" }\ntask a = [t(i) for i in films.items]\n"
          "stage learn { adds = sid.tokens; data = a; length = 1 epochs }\n"
          "experiment e(base: Model = toy.decoder_2m, seed: Seed = 9) { model = base |> learn }\n"
          "sweep s { of = e\n grid { learn.batch in [32 rows, 64 rows]; seed in [1, 2] }\n"
          " skip = r => r.seed == 1 and r.batch == 64 rows }\n"
          "sweep again { of = e; grid { learn.batch in [32 rows, 64 rows] }; repeat = 3 seeds }\n");
  ASSERT_TRUE(r->evaluator) << r->first();
  const auto sweep = evaluate_sweep(*r->evaluator, r->symbol("s"));
  ASSERT_TRUE(sweep) << r->first();
  EXPECT_EQ(sweep->points.size(), 3u);
  EXPECT_EQ(sweep->axes, (std::vector<std::string>{"learn.batch", "seed"}));
  EXPECT_EQ(sweep->repeat, 1);
  const auto again = evaluate_sweep(*r->evaluator, r->symbol("again"));
  ASSERT_TRUE(again) << r->first();
  EXPECT_EQ(again->repeat, 3);
  Settings settings;
  settings.assignments = sweep->points[1];
  settings.axes = settings.assignments.size();
  settings.experiment = "e";
  Evaluator point(r->program, r->typed, settings);
  const auto value = evaluate_experiment(point, sweep->experiment);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->seed, 2u);
  const auto* stage = value->outputs[0].second.shared<Made>()->arguments[0].second.shared<Record>();
  EXPECT_EQ(print(point, *field(point, *stage, "batch")), "32 rows");
}

TEST_F(Evaluate, GuessesAreTallied) {
  auto r = run(
      "template t(h: past History, n: target Film) { user \"${h.sid sep \" \"}\"; assistant "
      "\"${n.sid}\" }\n"
      "protocol p { rows = films.test; ask = t; decode = beam(5, within = sid.legal and (i => "
      "i.year > 1990)); "
      "metrics = [hit@5] }\n"
      "enum Reach { unknown, cold, known }\n"
      "fn reach(s: Sid) -> Reach = match { not sid.legal.has(s) => unknown, interactions(s, of = "
      "films.train) <= 2 => cold, else => known }\n"
      "experiment e(base: Model = toy.decoder_2m) { let s = base |> evaluate(p)\n"
      " t = tally(s.guesses, by = g => g.rank, into = g => reach(g.sid)) }\n");
  ASSERT_TRUE(r->evaluator) << r->first();
  const auto value = evaluate_experiment(*r->evaluator, r->symbol("e"));
  ASSERT_TRUE(value) << r->first();
  const auto* made = value->outputs[0].second.shared<Made>();
  const auto* into = made->arguments[2].second.as<Kernel>();
  ASSERT_NE(into, nullptr);
  EXPECT_EQ(r->program.types.kind(into->result), check::TypeKind::enum_);
  EXPECT_NE(row::canonical(*into->function).find("train_count"), std::string::npos);
  EXPECT_NE(row::canonical(*into->function).find("(known:boolean"), std::string::npos);
}

TEST_F(Evaluate, ConditionsOnATrieAreOne) {
  auto r =
      run("fn old(i: Film) -> Bool = i.year < 1990\n"
          "let some = sid.legal and (i => i.year > 1950) and old\n"
          "let same = sid.legal and (i => i.year > 1950 and old(i))\n"
          "let other = sid.legal and old and (i => i.year > 1950)\n");
  const auto some = r->raw("some"), same = r->raw("same"), other = r->raw("other");
  ASSERT_TRUE(some && same && other) << r->first();
  EXPECT_EQ(print(*r->evaluator, *some, true), print(*r->evaluator, *same, true));
  EXPECT_NE(print(*r->evaluator, *some, true), print(*r->evaluator, *other, true));
  EXPECT_EQ(r->value("some"), "Trie(legal = sid.legal, where = (i => i.year > 1950) and (old))");
}

TEST_F(Evaluate, ATrieWithConditionsHasTheIdsOfItemsForWhichTheyHold) {
  auto kernel = [&](const std::string& condition) {
    auto r =
        run("template t(h: past History, n: target Film) { user \"${h.sid sep \" \"}\"; assistant "
            "\"${n.sid}\" }\n"
            "protocol p { rows = films.test; ask = t; decode = beam(5); metrics = [hit@5] }\n"
            "let some = sid.legal and (i => i.year > 1950)\n"
            "fn into(s: Sid) -> Int = if " +
            condition +
            " then 1 else 0\n"
            "let counts = tally(evaluate(toy.decoder_2m, p).guesses, by = g => g.rank, into = g => "
            "into(g.sid))\n");
    const auto value = r->raw("counts");
    if (!value) return r->first();
    return row::canonical(*value->shared<Made>()->arguments[2].second.as<Kernel>()->function);
  };
  const std::string cut = kernel("some.has(s)"), whole = kernel("sid.legal.has(s)");
  EXPECT_NE(cut.find("(known:boolean"), std::string::npos) << cut;
  EXPECT_NE(cut.find("year"), std::string::npos) << cut;
  EXPECT_EQ(whole.find("year"), std::string::npos) << whole;
}

}  // namespace
}  // namespace rexp::eval
