// Every code has a page, and the programs on it do what the page says.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "compiler/diagnostics/help.h"
#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using diagnostics::Explanation;
using diagnostics::Kind;

/// A whole program: one that does not begin with `edition` stands behind the header.
std::string completed(const std::string& program) {
  if (program.starts_with("edition")) return program;
  std::ifstream header(REXP_SOURCE_DIR "/compiler/diagnostics/help/header.rexp");
  std::ostringstream text;
  text << header.rdbuf();
  return text.str() + program;
}

Outcome check(const std::string& program) {
  const Workplace place;
  place.write("a.rexp", completed(program));
  return place.rexp({"check", "a.rexp", "--json"});
}

class Page : public ::testing::TestWithParam<Kind> {
 protected:
  Explanation page = diagnostics::explanation_of(GetParam());
};

TEST_P(Page, IsComplete) {
  EXPECT_FALSE(page.meaning.empty());
  EXPECT_FALSE(page.meaning.ends_with('.'));
  EXPECT_FALSE(page.text.empty());
  EXPECT_FALSE(page.wrong.empty());
  EXPECT_FALSE(page.right.empty());
}

TEST_P(Page, WrongProgramGetsTheCode) {
  if (!page.unchecked.empty()) GTEST_SKIP() << page.unchecked;
  const Outcome outcome = check(page.wrong);
  const std::string code = "\"code\":\"" + std::string(code_of(GetParam())) + "\"";
  EXPECT_NE(outcome.out.find(code), std::string::npos) << outcome.out << outcome.err;
}

TEST_P(Page, RightProgramIsFine) {
  if (!page.unchecked.empty()) GTEST_SKIP() << page.unchecked;
  const Outcome outcome = check(page.right);
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(Codes, Page, ::testing::ValuesIn(diagnostics::all_kinds()),
                         [](const auto& info) { return code_of(info.param); });

TEST(Help, ListsEveryCode) {
  const Workplace place;
  const Outcome outcome = place.rexp({"help"});
  EXPECT_EQ(outcome.code, 0);
  for (const Kind kind : diagnostics::all_kinds())
    EXPECT_NE(outcome.out.find(code_of(kind)), std::string::npos);
  EXPECT_EQ(place.rexp({"help", "--json"}).json()["codes"].size(), diagnostics::all_kinds().size());
}

TEST(Help, TakesCodesAndNamesInAnyCase) {
  const Workplace place;
  const Outcome by_code = place.rexp({"help", "r0312"});
  EXPECT_EQ(by_code.code, 0);
  EXPECT_NE(by_code.out.find("Wrong:"), std::string::npos);
  EXPECT_EQ(place.rexp({"help", "Question_Shows_Answer"}).out, by_code.out);
  const auto json = place.rexp({"help", "R0312", "--json"}).json();
  EXPECT_EQ(json["name"], "question_shows_answer");
  EXPECT_FALSE(json["right"].get<std::string>().empty());
}

TEST(Help, SuggestsForUnknownCodes) {
  const Workplace place;
  const Outcome outcome = place.rexp({"help", "unknown_feild"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("did you mean `unknown_field`?"), std::string::npos) << outcome.err;
  EXPECT_EQ(place.rexp({"help", "nothing at all", "--json"}).json()["ok"], false);
}

}  // namespace
}  // namespace rexp::cli
