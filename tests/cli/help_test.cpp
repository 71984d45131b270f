// Every code has a page, and the programs on it do what the page says.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
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
  return place.rexp({"check", "a.rexp", "--pedantic", "--json"});
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

/// Every `--option` in a text.
std::set<std::string> options_in(const std::string& text) {
  static const std::regex kOption("--[a-z][a-z-]*");
  std::set<std::string> out;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), kOption);
       at != std::sregex_iterator(); ++at)
    out.insert(at->str());
  return out;
}

/// What `rexp --help` and the help of every command list.
struct CommandLine {
  std::set<std::string> commands, options;
};

CommandLine command_line() {
  const Workplace place;
  CommandLine out;
  const std::string help = place.rexp({"--help"}).out;
  out.options = options_in(help);
  std::istringstream lines(help.substr(help.find("Subcommands:")));
  std::string line;
  std::getline(lines, line);
  for (std::string command; std::getline(lines, line);) {
    if (!line.starts_with("  ") || !(std::istringstream(line) >> command)) continue;
    if (line[2] == ' ') continue;  // the description goes on
    out.commands.insert(command);
    out.options.merge(options_in(place.rexp({command, "--help"}).out));
  }
  for (const auto& [command, below] : std::initializer_list<std::pair<const char*, const char*>>{
           {"model", "score"}, {"store", "verify"}, {"store", "gc"}, {"store", "path"}})
    out.options.merge(options_in(place.rexp({command, below, "--help"}).out));
  return out;
}

/// Texts that tell users what to type: pages of help, and what stands in quotes in the sources.
std::map<std::string, std::string> advice() {
  namespace fs = std::filesystem;
  static const std::regex kQuoted(R"re("((?:[^"\\]|\\.)*)")re");
  std::map<std::string, std::string> out;
  for (const Kind kind : diagnostics::all_kinds()) {
    const Explanation page = diagnostics::explanation_of(kind);
    out[code_of(kind)] = page.text + page.wrong + page.right;
  }
  for (const char* folder : {"compiler", "runtime"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(REXP_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        for (auto at = std::sregex_iterator(line.begin(), line.end(), kQuoted);
             at != std::sregex_iterator(); ++at)
          out[entry.path()] += (*at)[1].str() + "\n";
      }
    }
  }
  return out;
}

TEST(Help, NamesOnlyCommandsAndOptionsThatExist) {
  static const std::regex kCommand("`rexp ([a-z]+)");
  const CommandLine known = command_line();
  ASSERT_GT(known.commands.size(), 8u);
  ASSERT_GT(known.options.size(), 20u);
  std::set<std::string> named;
  for (const auto& [where, text] : advice()) {
    for (const std::string& option : options_in(text)) {
      named.insert(option);
      EXPECT_TRUE(known.options.count(option) > 0) << where << " names " << option;
    }
    for (auto at = std::sregex_iterator(text.begin(), text.end(), kCommand);
         at != std::sregex_iterator(); ++at)
      EXPECT_TRUE(known.commands.count((*at)[1]) > 0) << where << " names " << at->str();
  }
  EXPECT_TRUE(named.count("--set") > 0);
}

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
