// Every kind in kinds.def is produced by a test: its code stands in an expectation of a golden file
// or in a unit test.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "compiler/diagnostics/diagnostics.h"

namespace rexp::diagnostics {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string all_test_texts() {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(REXP_SOURCE_DIR) / "tests")) {
    const fs::path extension = entry.path().extension();
    if (extension == ".rexp" || extension == ".cpp") all += read(entry.path());
  }
  return all;
}

struct Listed {
  Kind kind;
  const char* name;
};
const Listed kListed[] = {
#define REXP_DIAGNOSTIC(name, level, code) {Kind::name, #name},
#include "compiler/diagnostics/kinds.def"
};

TEST(DiagnosticsCoverage, EveryKindHasATest) {
  const std::string texts = all_test_texts();
  for (const Listed& listed : kListed) {
    EXPECT_NE(texts.find(code_of(listed.kind)), std::string::npos)
        << "no test expects " << code_of(listed.kind) << " (" << listed.name << ")";
  }
}

TEST(DiagnosticsCoverage, CodesAreUnique) {
  std::set<std::string> codes;
  for (const Listed& listed : kListed)
    EXPECT_TRUE(codes.insert(code_of(listed.kind)).second) << code_of(listed.kind);
}

}  // namespace
}  // namespace rexp::diagnostics
