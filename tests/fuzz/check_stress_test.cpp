// Large programs, and small ones that compute much, are answered by the whole front half within seconds.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/fuzz/large_programs.h"
#include "tests/fuzz/look.h"
#include "tests/support/sandbox.h"

namespace rexp::fuzz {
namespace {

namespace fs = std::filesystem;

#ifdef __OPTIMIZE__
constexpr double kSeconds = 3;
#else
constexpr double kSeconds = 60;
#endif

std::vector<LargeProgram> programs() {
  std::vector<LargeProgram> out;
  for (LargeProgram& program : large_programs()) {
    program.text = "edition 2026\n" + program.text;
    out.push_back(std::move(program));
  }
  for (LargeProgram& program : doubled()) {
    program.text = "edition 2026\n" + program.text;
    out.push_back(std::move(program));
  }
  for (const int depth : {21, 40}) {
    out.push_back({"calls_of_constants_" + std::to_string(depth), nested_calls(depth, false)});
    out.push_back({"calls_of_a_row_" + std::to_string(depth), nested_calls(depth, true)});
  }
  return out;
}

class Checked : public ::testing::TestWithParam<LargeProgram> {};

TEST_P(Checked, IsAnsweredInTime) {
  const fs::path folder = fs::temp_directory_path() / ("rexp_stress_" + std::to_string(getpid()));
  fs::create_directories(folder);
  const std::string path = (folder / "large.rexp").string();
  std::ofstream(path, std::ios::binary) << GetParam().text;
  const auto end = testing::run_apart(kSeconds, [&] {
    const std::string problem = look_at(path, REXP_SOURCE_DIR "/stdlib", path);
    if (!problem.empty()) std::cerr << problem;
    return problem.empty() ? 0 : 1;
  });
  fs::remove_all(folder);
  ASSERT_EQ(end.how, testing::Ended::How::exited) << "signal " << end.code << ": " << end.printed;
  EXPECT_EQ(end.code, 0) << end.printed;
  RecordProperty("milliseconds", static_cast<int>(end.seconds * 1000));
}

INSTANTIATE_TEST_SUITE_P(Programs, Checked, ::testing::ValuesIn(programs()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace rexp::fuzz
