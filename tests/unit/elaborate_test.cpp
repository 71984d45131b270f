// From templates, tasks and stages to row functions and nodes.
#include <functional>

#include "compiler/plan/render.h"
#include "compiler/row/verify.h"
#include "tests/unit/compile_program.h"

namespace rexp::testing_programs {
namespace {

const std::string kStage =
    "stage learn { adds = sid.tokens; data = next; length = 3 epochs }\n"
    "experiment run(base: Model = toy.decoder_2m, seed: Seed = 7) { model = base |> learn }\n";

class Elaborate : public Programs {
 protected:
  /// The renderer of the only task of `body`, as canonical text.
  std::string renderer(const std::string& body) {
    auto c = compile(kFilms + body + kStage);
    if (!c->result.plan) return c->codes().empty() ? "" : c->codes().front();
    for (const plan::Kernel& kernel : c->node("run/learn")->kernels) {
      if (kernel.role == "render") {
        EXPECT_EQ(row::verify(kernel.function), "");
        return row::canonical(kernel.function);
      }
    }
    return "no renderer";
  }
};

TEST_F(Elaborate, FunctionsAreInlinedAndNamesAreGone) {
  const std::string direct = renderer(
      "template t(h: past History, n: target Film) { user \"${h.last(2).title sep \", \"}\"; "
      "assistant \"${n.sid}\" }\n"
      "task next = [t(w.history, w.next) for w in films.train.windows(max = 5)]\n");
  const std::string through = renderer(
      "fn newest(events: past History, count: Int) -> past [Text] = events.last(count).map(e => "
      "e.title)\n"
      "let two = 1 + 1\n"
      "template t(seen: past History, answer: target Film) { user \"${newest(seen, two) sep \", "
      "\"}\"; assistant \"${answer.sid}\" }\n"
      "task next = [t(row.history, row.next) for row in films.train.windows(max = 5)]\n");
  EXPECT_EQ(direct, through);
  EXPECT_NE(direct.find("(last:list.event"), std::string::npos) << direct;
}

TEST_F(Elaborate, KnownConditionsLeaveNoTrace) {
  const std::string plain = renderer(
      "template t(i: Film) { document \"film ${i.sid}\" }\ntask next = [t(i) for i in "
      "films.items]\n");
  const std::string decided = renderer(
      "let formal = true\nlet word = \"film\"\n"
      "template t(i: Film) { document \"%{if formal}${word} %{else}hey %{end}${i.sid}\" }\ntask "
      "next = [t(i) for i in films.items]\n");
  EXPECT_EQ(plain, decided);
}

TEST_F(Elaborate, HeldOutWordingsAreNotTrained) {
  const std::string text = renderer(
      "template t(i: Film) { document one of { a: \"one ${i.sid}\"; b held_out: \"two ${i.sid}\" } "
      "}\ntask next = [t(i) for i in films.items]\n");
  EXPECT_NE(text.find("one "), std::string::npos);
  EXPECT_EQ(text.find("two "), std::string::npos);
  EXPECT_EQ(text.find("choose"), std::string::npos);
}

TEST_F(Elaborate, ChoicesDrawOnceAndDecideLater) {
  const std::string text = renderer(
      "template t(h: past History, n: target Film) {\n choice c = one of { a: \"A\" * 3; b: \"B\" "
      "}\n user c\n"
      " assistant \"%{if c is a}x%{else}y%{end}${n.sid}\" }\n"
      "task next = [t(w.history, w.next) for w in films.train.windows(max = 5)]\n");
  EXPECT_NE(text.find("(choose 0 3 1{}{})"), std::string::npos) << text;
  EXPECT_NE(text.find("(eq:boolean(var:integer 0)(const_int:integer 0))"), std::string::npos)
      << text;
}

TEST_F(Elaborate, ChoicesPrintTheirTextInHolesAndAsValues) {
  const std::string head =
      "fn loud(t: Text) -> Text = \"${t}!\"\n"
      "template t(h: past History, n: target Film) {\n choice c = one of { a: \"calm\"; b: "
      "\"wild\" }\n";
  const std::string tail =
      " assistant \"${n.sid}\" }\n"
      "task next = [t(w.history, w.next) for w in films.train.windows(max = 5)]\n";
  for (const char* user : {" user \"so ${c}?\"\n", " user \"so ${loud(c)}\"\n"}) {
    const std::string text = renderer(head + user + tail);
    EXPECT_NE(text.find("calm"), std::string::npos) << text;
    EXPECT_NE(text.find("wild"), std::string::npos) << text;
  }
}

TEST_F(Elaborate, ConditionsOfTasksBecomePredicates) {
  auto c = compile(
      kFilms +
      "template t(i: Film) { document \"${i.sid}\" }\n"
      "task next = [t(i) for i in films.items where i.year >= 1990 and \"drama\" in i.category]\n" +
      kStage);
  ASSERT_TRUE(c->result.plan) << c->codes().front();
  const plan::Node* rows = nullptr;
  for (const plan::Node& node : c->result.plan->nodes) {
    if (node.kind == "rows" && node.args["is"] == "where") rows = &node;
  }
  ASSERT_NE(rows, nullptr);
  ASSERT_EQ(rows->kernels.size(), 1u);
  EXPECT_EQ(row::verify(rows->kernels[0].function), "");
}

TEST_F(Elaborate, TargetsAreRevealedByAnswers) {
  const std::string head = "template t(h: past History, n: target Film) { ";
  EXPECT_TRUE(check(kFilms + head +
                    "user \"${h.sid sep \" \"}\" assistant \"${n.sid}\" user \"${n.title}?\" "
                    "assistant \"yes\" }\n")
                  ->result.ok);
  EXPECT_FALSE(check(kFilms + head + "user \"${n.title}?\" assistant \"${n.sid}\" }\n")->result.ok);
  // revealed only in one of two wordings: not for sure
  EXPECT_FALSE(check(kFilms + head +
                     "user \"?\" assistant one of { a: \"${n.sid}\"; b: \"no\" } user "
                     "\"${n.title}\" assistant \"${n.sid}\" }\n")
                   ->result.ok);
}

TEST_F(Elaborate, StagesTakeParameters) {
  auto c =
      compile(kFilms +
              "template t(i: Film) { document \"${i.sid}\" }\ntask a = [t(i) for i in "
              "films.items]\ntask b = a + a\n"
              "stage learn(what: Task = a) { adds = sid.tokens; data = what; length = 1 epochs }\n"
              "experiment run(base: Model = toy.decoder_2m) { model = base |> learn(b) }\n");
  ASSERT_TRUE(c->result.plan) << c->codes().front();
  EXPECT_EQ(c->node("run/learn")->args["tasks"].size(), 2u);
}

TEST_F(Elaborate, SweepsAreReadAndSkipped) {
  auto c = check(
      kFilms +
      "template t(i: Film) { document \"${i.sid}\" }\ntask next = [t(i) for i in films.items]\n" +
      kStage +
      "sweep s { of = run\n grid { learn.batch in [32 rows, 64 rows]; seed in [1, 2] }\n skip = r "
      "=> r.seed == 1 }\n");
  EXPECT_TRUE(c->result.ok) << c->codes().front();
  EXPECT_EQ(c->result.sweeps, std::vector<std::string>{"s"});
}

TEST_F(Elaborate, RendersOneWordingOfATemplate) {
  const std::string path =
      write("program.rexp",
            kFilms +
                "template t(i: Film) { document one of { a: \"one ${i.sid}\"; b held_out: \"two "
                "${i.sid}\" } }\ntask next = [t(i) for i in films.items]\n");
  source::SourceMap sources;
  diagnostics::Sink sink;
  const auto target = plan::render_target(sources, path, "t", "b", options(), sink);
  ASSERT_TRUE(target);
  EXPECT_EQ(target->task, "next");
  EXPECT_EQ(target->plan.nodes[static_cast<size_t>(target->rows)].kind, "rows");
  EXPECT_NE(row::canonical(target->function).find("two "), std::string::npos);
  EXPECT_FALSE(plan::render_target(sources, path, "t", "c", options(), sink));
  EXPECT_FALSE(plan::render_target(sources, path, "u", "", options(), sink));
}

}  // namespace
}  // namespace rexp::testing_programs
