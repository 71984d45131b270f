#include "compiler/diagnostics/diagnostics.h"

#include <gtest/gtest.h>

#include "runtime/base/json.h"

namespace rexp::diagnostics {
namespace {

class Frame : public testing::Test {
 protected:
  source::Span find(const std::string& word) const {
    const size_t at = sources_.text(file_).find(word);
    EXPECT_NE(at, std::string::npos) << word;
    return {file_, static_cast<uint32_t>(at), static_cast<uint32_t>(at + word.size())};
  }

  source::SourceMap sources_;
  source::FileId file_ =
      sources_.add("prompts.rexp",
                   "stage sft {\n"
                   "  lenght = 3 epochs\n"
                   "}\n"
                   "template next_item(h: past History, next: target Movie) {\n"
                   "    plain: \"基于这些商品：${h.sid sep \", \"}，类型是${next.category sep "
                   "\"、\"}，预测下一个。\"\n"
                   "}\n"
                   "require all_tasks.share(sequence_prediction) in 40% .. 48% : \"...\"\n"
                   "\tlet tabbed = 1\n");
};

TEST_F(Frame, OneLabel) {
  const Diagnostic d{Kind::unknown_field,
                     "unknown field `lenght` in stage `sft`; did you mean `length`",
                     {find("lenght"), ""},
                     {},
                     ""};
  EXPECT_EQ(render(d, sources_, false),
            "error[R0102]: unknown field `lenght` in stage `sft`; did you mean `length`\n"
            " --> prompts.rexp:2:3\n"
            "  |\n"
            "2 |   lenght = 3 epochs\n"
            "  |   ^^^^^^\n");
}

TEST_F(Frame, LabelsOnSeveralLinesStandUnderWideCharacters) {
  source::Span reads = find("next.category");
  reads.end = reads.begin + 4;
  source::Span declared = find("next: target");
  declared.end = declared.begin + 4;
  const Diagnostic d{Kind::prompt_reads_answer,
                     "prompt reads the answer",
                     {reads, "read in a `user` turn"},
                     {{declared, "the model has to predict this"}},
                     "print it in an `assistant` turn"};
  EXPECT_EQ(render(d, sources_, false),
            "error[R0301]: prompt reads the answer\n"
            " --> prompts.rexp:5:54\n"
            "  |\n"
            "4 | template next_item(h: past History, next: target Movie) {\n"
            "  |                                     ---- the model has to predict this\n"
            "5 |     plain: \"基于这些商品：${h.sid sep \", \"}，类型是${next.category sep "
            "\"、\"}，预测下一个。\"\n"
            "  |                                                      ^^^^ read in a `user` turn\n"
            "help: print it in an `assistant` turn\n");
}

TEST_F(Frame, SeveralLabelsOnOneLineShareARowWhereTheyFit) {
  const Diagnostic d{Kind::requirement_fails,
                     "requirement does not hold",
                     {find("all_tasks.share(sequence_prediction)"), "61.2%"},
                     {{find("40% .. 48%"), "40% .. 48%"}},
                     ""};
  EXPECT_EQ(render(d, sources_, false),
            "error[R0106]: requirement does not hold\n"
            " --> prompts.rexp:7:9\n"
            "  |\n"
            "7 | require all_tasks.share(sequence_prediction) in 40% .. 48% : \"...\"\n"
            "  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^    ----------\n"
            "  |         61.2%                                   40% .. 48%\n");
}

TEST_F(Frame, LabelsThatDoNotFitGetARowEach) {
  const Diagnostic d{Kind::wrong_type,
                     "types differ",
                     {find("40%"), "this one is far too long for the row"},
                     {{find("48%"), "right"}},
                     ""};
  EXPECT_EQ(
      render(d, sources_, false),
      "error[R0201]: types differ\n"
      " --> prompts.rexp:7:49\n"
      "  |\n"
      "7 | require all_tasks.share(sequence_prediction) in 40% .. 48% : \"...\"\n"
      "  |                                                 ^^^    ---\n"
      "  |                                                        right\n"
      "  |                                                 this one is far too long for the row\n");
}

TEST_F(Frame, TabsAreShownAsSpaces) {
  const Diagnostic d{Kind::unknown_name, "unknown name", {find("tabbed"), ""}, {}, ""};
  EXPECT_EQ(render(d, sources_, false),
            "error[R0101]: unknown name\n"
            " --> prompts.rexp:8:9\n"
            "  |\n"
            "8 |     let tabbed = 1\n"
            "  |         ^^^^^^\n");
}

TEST_F(Frame, ALabelMayStandInAnotherFile) {
  const source::FileId other = sources_.add("data.rexp", "schema Movie { title: Text }\n");
  const Diagnostic d{Kind::unknown_field,
                     "unknown field",
                     {find("next.category"), ""},
                     {{{other, 7, 12}, "declared here"}},
                     ""};
  const std::string text = render(d, sources_, false);
  EXPECT_NE(text.find(" ::: data.rexp:1:8\n  |\n1 | schema Movie { title: Text }\n  |        ----- "
                      "declared here\n"),
            std::string::npos)
      << text;
}

TEST_F(Frame, SpansOfSeveralLinesAreMarkedToTheEndOfTheFirst) {
  const source::Span all{file_, 0, static_cast<uint32_t>(sources_.text(file_).find("template"))};
  const Diagnostic d{Kind::syntax, "broken", {all, ""}, {}, ""};
  EXPECT_NE(render(d, sources_, false).find("1 | stage sft {\n  | ^^^^^^^^^^^\n"),
            std::string::npos);
}

TEST_F(Frame, ColourOnlyAddsEscapes) {
  const Diagnostic d{Kind::unknown_field, "unknown field", {find("lenght"), "here"}, {}, "mend it"};
  std::string coloured = render(d, sources_, true);
  EXPECT_NE(coloured.find("\x1b[1;31m"), std::string::npos);
  for (size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, render(d, sources_, false));
}

TEST_F(Frame, JsonGivesTheSameFacts) {
  const Diagnostic d{Kind::prompt_reads_answer,
                     "prompt reads the answer",
                     {find("next.category"), "read"},
                     {},
                     "help"};
  const nlohmann::json json = to_json(d, sources_);
  EXPECT_EQ(json["level"], "error");
  EXPECT_EQ(json["code"], "R0301");
  EXPECT_EQ(json["kind"], "prompt_reads_answer");
  EXPECT_EQ(json["primary"]["file"], "prompts.rexp");
  EXPECT_EQ(json["primary"]["begin"]["line"], 5);
  EXPECT_EQ(json["primary"]["begin"]["display_column"], 54);
  EXPECT_EQ(json["primary"]["text"], "read");
  EXPECT_EQ(json["help"], "help");
}

TEST(Sink, SortsByPlaceDropsRepetitionsAndCuts) {
  Sink sink;
  sink.add(Kind::syntax, {0, 9, 10}, "third").help = "h";
  sink.add(Kind::syntax, {0, 1, 2}, "first");
  sink.add(Kind::syntax, {0, 5, 6}, "second");
  sink.add(Kind::syntax, {0, 1, 2}, "first");
  EXPECT_TRUE(sink.has_errors());
  EXPECT_EQ(sink.size(), 3u);
  const std::vector<Diagnostic> taken = sink.take(2);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].message, "first");
  EXPECT_EQ(taken[1].message, "second");
  EXPECT_EQ(sink.size(), 0u);
}

TEST(Nearest, FindsTyposAndNothingElse) {
  const std::vector<std::string> fields = {"adds",  "trains", "data",      "length",
                                           "batch", "window", "optimizer", "电影名"};
  EXPECT_EQ(nearest("lenght", fields), "length");  // neighbours swapped
  EXPECT_EQ(nearest("optimiser", fields), "optimizer");
  EXPECT_EQ(nearest("dta", fields), "data");
  EXPECT_EQ(nearest("Batch", fields), "batch");
  EXPECT_EQ(nearest("电影", fields), "电影名");
  EXPECT_EQ(nearest("steps", fields), "");
  EXPECT_EQ(nearest("x", {"s", "h"}), "");  // every letter replaced is no typo
  EXPECT_EQ(nearest("lr", {"lrs", "ls"}), "lrs");
  EXPECT_EQ(nearest("abc", {}), "");
  EXPECT_EQ(nearest("", {"a"}), "");
  EXPECT_EQ(nearest("adam", {"AdamW", "adamw"}), "adamw");  // as it was written
  EXPECT_EQ(nearest("Film", {"Files"}), "");
}

}  // namespace
}  // namespace rexp::diagnostics
