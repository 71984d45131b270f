// The wall between compiler and runtime: compiler/ never includes LibTorch, runtime/ never includes LLVM or ANTLR, and of the compiler
// only parse/ knows ANTLR and only lower/ and jit/ know LLVM.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<std::string> includes_below(const std::string& folder, const std::regex& forbidden) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(REXP_SOURCE_DIR) / folder)) {
    const std::string extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp" && extension != ".def") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (std::regex_search(line, forbidden)) found.push_back(entry.path().string() + ": " + line);
    }
  }
  return found;
}

const std::regex kTorch(R"(^\s*#\s*include\s*[<"](torch|ATen|c10|caffe2)/)");
const std::regex kLlvm(R"(^\s*#\s*include\s*[<"]llvm)");
const std::regex kAntlr(R"(^\s*#\s*include\s*[<"](antlr4|Rexp(Lexer|Parser)))");
const std::regex kCompiler(R"(^\s*#\s*include\s*"compiler/)");

TEST(Wall, TheCompilerNeverIncludesLibTorch) {
  EXPECT_EQ(includes_below("compiler", kTorch), std::vector<std::string>());
}

TEST(Wall, TheRuntimeNeverIncludesLlvmAntlrOrTheCompiler) {
  EXPECT_EQ(includes_below("runtime", kLlvm), std::vector<std::string>());
  EXPECT_EQ(includes_below("runtime", kAntlr), std::vector<std::string>());
  EXPECT_EQ(includes_below("runtime", kCompiler), std::vector<std::string>());
}

TEST(Wall, AntlrStaysInParseAndLlvmInLowerAndJit) {
  for (const auto& entry : fs::directory_iterator(fs::path(REXP_SOURCE_DIR) / "compiler")) {
    const std::string phase = entry.path().filename();
    if (!entry.is_directory()) continue;
    if (phase != "parse") {
      EXPECT_EQ(includes_below("compiler/" + phase, kAntlr), std::vector<std::string>());
    }
    if (phase != "lower" && phase != "jit") {
      EXPECT_EQ(includes_below("compiler/" + phase, kLlvm), std::vector<std::string>());
    }
  }
}

/// Folders of `side` ("runtime", "compiler") that each folder includes.
std::map<std::string, std::set<std::string>> includes_between_folders(const std::string& side) {
  const std::regex include("^\\s*#\\s*include\\s*\"" + side + "/([a-z]+)/");
  std::map<std::string, std::set<std::string>> graph;
  for (const auto& folder : fs::directory_iterator(fs::path(REXP_SOURCE_DIR) / side)) {
    if (!folder.is_directory()) continue;
    std::set<std::string>& seen = graph[folder.path().filename()];
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
      std::ifstream in(file.path());
      std::smatch found;
      for (std::string line; std::getline(in, line);) {
        if (std::regex_search(line, found, include)) seen.insert(found[1]);
      }
    }
    seen.erase(folder.path().filename());
  }
  return graph;
}

TEST(Wall, NoTwoFoldersIncludeEachOther) {
  for (const char* side : {"runtime", "compiler"}) {
    auto graph = includes_between_folders(side);
    ASSERT_GT(graph.size(), 8u);
    // folders that need nothing of those left are taken away until none is
    for (bool taken = true; taken;) {
      taken = false;
      for (const auto& [folder, needs] : graph) {
        if (std::any_of(needs.begin(), needs.end(),
                        [&](const std::string& need) { return graph.contains(need); }))
          continue;
        graph.erase(folder);
        taken = true;
        break;
      }
    }
    std::string cycle;
    for (const auto& [folder, needs] : graph) {
      cycle += folder + " includes";
      for (const std::string& need : needs) {
        if (graph.contains(need)) cycle += " " + need;
      }
      cycle += "; ";
    }
    EXPECT_EQ(cycle, "") << "in " << side;
  }
}

/// What stdlib/ declares at the beginning of a line: schemas, functions, values, enums; members without their receiver.
std::set<std::string> library_names() {
  static const std::regex kDeclared(
      R"(^(?:extern )?(?:schema|fn|let|enum)\s+(?:[^(=]*\.)?([A-Za-z_]\w*))");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(REXP_SOURCE_DIR) / "stdlib")) {
    std::ifstream in(entry.path());
    std::smatch found;
    for (std::string line; std::getline(in, line);) {
      if (std::regex_search(line, found, kDeclared)) names.insert(found[1]);
    }
  }
  return names;
}

TEST(Wall, TheCompilerComparesNoLibraryNameAsText) {
  const std::set<std::string> names = library_names();
  ASSERT_GT(names.size(), 60u);
  const std::set<std::string> nodes = {
  // kinds of plan nodes are the plan's own words
#define REXP_NODE(kind, version) #kind,
#include "runtime/abi/nodes.def"
#undef REXP_NODE
  };
  static const std::regex kCompared(R"re([!=]= "(\w+)"|"(\w+)" [!=]=)re");
  for (const char* phase : {"check", "eval", "contracts", "plan", "lower", "jit"}) {
    const fs::path folder = fs::path(REXP_SOURCE_DIR) / "compiler" / phase;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        for (auto at = std::sregex_iterator(line.begin(), line.end(), kCompared);
             at != std::sregex_iterator(); ++at) {
          const std::string word = (*at)[1].matched ? (*at)[1].str() : (*at)[2].str();
          EXPECT_FALSE(names.count(word) > 0 && nodes.count(word) == 0)
              << entry.path() << ": " << line;
        }
      }
    }
  }
}

}  // namespace
