// Runs every file under tests/golden. REXP_UPDATE_GOLDEN=1 rewrites the expectations, REXP_BINARY
// names another `rexp`.
#include "tests/golden/golden_file.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>

namespace rexp::golden {
namespace {

std::string binary_under_test() {
  const char* other = std::getenv("REXP_BINARY");
  return other ? other : REXP_BUILD_DIR "/rexp";
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, OutputIsAsExpected) {
  const std::string binary = binary_under_test();
  if (!std::filesystem::exists(binary)) GTEST_SKIP() << binary << " is not built";
  const GoldenFile file = read_golden(REXP_SOURCE_DIR, GetParam());
  ASSERT_FALSE(file.commands.empty())
      << GetParam()
      << " has no line `// RUN: ...`; files that are only imported belong in modules/";
  const Outcome outcome = run_golden(REXP_SOURCE_DIR, binary, file);
  // 2 is the exit code for a mistake of the user; anything else is a fault of ours.
  ASSERT_EQ(outcome.exit_code, file.must_fail() ? 2 : 0) << GetParam() << "\n" << outcome.output;
  if (std::getenv("REXP_UPDATE_GOLDEN")) {
    if (outcome.output != file.expected) write_golden(REXP_SOURCE_DIR, file, outcome.output);
    return;
  }
  EXPECT_EQ(outcome.output, file.expected)
      << GetParam() << "\nif this is right: ninja update-golden";
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(std::string("tests/golden/").size());
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(golden_paths(REXP_SOURCE_DIR)),
                         test_name);

}  // namespace
}  // namespace rexp::golden
