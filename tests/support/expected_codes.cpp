#include "tests/support/expected_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "tests/cli/program.h"

namespace rexp::testing {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kPatience(20);

struct Answer {
  std::string code;
  int line = 0;  // 0: any
  auto operator<=>(const Answer&) const = default;
};

bool is_warning(const Answer& answer) { return answer.code.starts_with("R08"); }

/// The words behind the first colon of the second line.
std::vector<std::string> promised(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  std::getline(in, line);
  std::istringstream words(line.substr(std::min(line.size(), line.find(':') + 1)));
  std::vector<std::string> out;
  for (std::string word; words >> word;) out.push_back(word);
  return out;
}

std::vector<Answer> answers_of(const std::vector<std::string>& words) {
  std::vector<Answer> out;
  for (const std::string& word : words) {
    if (word == "fine" || word == "none") continue;
    const size_t colon = word.find(':');
    if (colon == std::string::npos) {
      out.push_back({word, 0});
    } else {
      out.push_back({word.substr(colon + 1), std::stoi(word.substr(0, colon))});
    }
  }
  return out;
}

std::vector<Answer> answers_of(const nlohmann::json& printed) {
  std::vector<Answer> out;
  for (const auto& d : printed.value("diagnostics", nlohmann::json::array())) {
    const auto& begin = d["primary"].value("begin", nlohmann::json::object());
    out.push_back({d["code"], begin.value("line", 0)});
  }
  return out;
}

std::string listed(const std::vector<Answer>& answers) {
  std::string out;
  for (const Answer& a : answers) {
    out += (out.empty() ? "" : " ") + (a.line > 0 ? std::to_string(a.line) + ":" : "") + a.code;
  }
  return out.empty() ? "fine" : out;
}

/// As exact as the promise: without its lines, or without repetitions where it names no line.
std::vector<Answer> comparable(std::vector<Answer> answers, bool lines) {
  std::erase_if(answers, is_warning);
  if (!lines) {
    for (Answer& a : answers) a.line = 0;
  }
  std::sort(answers.begin(), answers.end());
  if (!lines) answers.erase(std::unique(answers.begin(), answers.end()), answers.end());
  return answers;
}

cli::Outcome check(const fs::path& file) {
  const cli::Workplace place;
  cli::Process process = place.start({"check", file.string(), "--json"});
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (process.running()) {
    if (std::chrono::steady_clock::now() > end) return {-1, "", "no answer for too long"};
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return process.wait();
}

}  // namespace

std::vector<std::string> programs_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(REXP_SOURCE_DIR) / "tests" / folder)) {
    if (entry.path().extension() == ".rexp") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void expect_what_it_says(const std::string& folder, const std::string& name) {
  const fs::path file = fs::path(REXP_SOURCE_DIR) / "tests" / folder / (name + ".rexp");
  const std::vector<std::string> words = promised(file);
  ASSERT_FALSE(words.empty()) << "the second line says nothing";
  const std::vector<Answer> wanted = answers_of(words);
  const bool lines = std::any_of(wanted.begin(), wanted.end(), [](auto& a) { return a.line > 0; });
  const cli::Outcome outcome = check(file);
  const std::vector<Answer> given =
      outcome.json().is_object() ? answers_of(outcome.json()) : std::vector<Answer>();
  EXPECT_EQ(outcome.code, comparable(wanted, lines).empty() ? 0 : 2) << outcome.err;
  EXPECT_EQ(listed(comparable(given, lines)), listed(comparable(wanted, lines))) << outcome.out;
  for (const Answer& warning : wanted) {
    if (!is_warning(warning)) continue;
    EXPECT_TRUE(std::any_of(given.begin(), given.end(),
                            [&](const Answer& a) {
                              return a.code == warning.code &&
                                     (warning.line == 0 || a.line == warning.line);
                            }))
        << "no " << warning.code;
  }
}

}  // namespace rexp::testing
