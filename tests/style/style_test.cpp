// Rules of the house that no compiler knows: files stay short, and whatever is in the repository is built by the build that tests run
// after.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/json.h"

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = REXP_SOURCE_DIR;
constexpr const char* kFolders[] = {"compiler", "runtime", "tests"};
constexpr size_t kMostLines = 400;

std::vector<fs::path> sources(const std::set<std::string>& extensions) {
  std::vector<fs::path> out;
  for (const char* folder : kFolders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (extensions.count(entry.path().extension()) > 0) out.push_back(entry.path());
    }
  }
  return out;
}

/// The object file behind `-o` of a compile command, as Ninja calls it.
std::string object_of(const nlohmann::json& unit) {
  const std::string command = unit["command"];
  const size_t begin = command.find(" -o ") + 4;
  return command.substr(begin, command.find(' ', begin) - begin);
}

/// Everything that `./dev build` makes or reads: what Ninja's target `all` needs.
std::set<std::string> inputs_of_all() {
  std::set<std::string> out;
  FILE* ninja = popen("ninja -C \"" REXP_BUILD_DIR "\" -t inputs all", "r");
  if (ninja == nullptr) return out;
  std::string text;
  std::array<char, 4096> buffer{};
  while (const size_t read = fread(buffer.data(), 1, buffer.size(), ninja))
    text.append(buffer.data(), read);
  pclose(ninja);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out.insert(line);
  return out;
}

nlohmann::json units() {
  std::ifstream in(fs::path(REXP_BUILD_DIR) / "compile_commands.json");
  return nlohmann::json::parse(in);
}

/// The files that a unit compiles: itself, or those that CMake puts together in one.
std::vector<fs::path> files_of(const nlohmann::json& unit) {
  const fs::path file = unit["file"];
  if (file.parent_path().filename() != "Unity") return {file};
  std::vector<fs::path> out;
  std::ifstream in(file);
  constexpr std::string_view kInclude = "#include \"";
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kInclude))
      out.emplace_back(line.substr(kInclude.size(), line.rfind('"') - kInclude.size()));
  }
  return out;
}

TEST(Style, FilesAreShort) {
  for (const fs::path& file : sources({".cpp", ".h", ".def"})) {
    std::ifstream in(file);
    size_t lines = 0;
    for (std::string line; std::getline(in, line);) ++lines;
    EXPECT_LE(lines, kMostLines) << file << ": split it by what its parts are for";
  }
}

TEST(Style, EveryFileBelongsToATarget) {
  std::set<fs::path> compiled;
  for (const auto& unit : units()) {
    for (const fs::path& file : files_of(unit)) compiled.insert(file);
  }
  for (const fs::path& file : sources({".cpp"}))
    EXPECT_EQ(compiled.count(file), 1u) << file << " is compiled by no target";
}

TEST(Style, EveryTargetIsBuiltByDefault) {
  const nlohmann::json all = units();
  const std::set<std::string> built = inputs_of_all();
  ASSERT_GT(all.size(), 200u);
  for (const auto& unit : all)
    EXPECT_EQ(built.count(object_of(unit)), 1u) << unit["file"] << " is left out of `./dev build`";
}

}  // namespace
