// Thousands of damaged texts: none may crash, hang or go without an error where the tree is broken.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/parse/parse.h"
#include "runtime/base/random.h"
#include "runtime/base/utf8.h"

namespace rexp::parse {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> example_texts() {
  std::vector<fs::path> paths;
  for (const char* folder : {"tests/golden/parse", "examples", "stdlib"}) {
    const fs::path root = fs::path(REXP_SOURCE_DIR) / folder;
    if (!fs::exists(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.path().extension() == ".rexp") paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    texts.push_back(text.str().substr(0, text.str().find("\n// expect:")));
  }
  return texts;
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : stream_(stream(seed, "parse_fuzz")) {}

  std::string mutate(std::string text) {
    for (uint64_t edits = 1 + below(3); edits > 0 && !text.empty(); --edits) {
      const size_t at = below(text.size());
      const size_t length = std::min<size_t>(1 + below(12), text.size() - at);
      switch (below(6)) {
        case 0: text.erase(at, length); break;
        case 1: text.insert(at, text.substr(below(text.size()), length)); break;
        case 2: text.replace(at, 1, piece()); break;
        case 3: text.insert(at, piece()); break;
        case 4: text.resize(at); break;
        default: std::swap(text[at], text[below(text.size())]); break;
      }
    }
    return text;
  }

 private:
  static constexpr const char* kPieces[] = {
      "{",     "}",        "(",      ")",   "[",      "]",   "\"",     "\"\"\"\n", "\"\"\"",
      "${",    "%{",       "%{end}", "=",   ":",      ";",   ",",      "\n",       "\\",
      "=>",    "|>",       "@",      "..",  "match",  "if",  "one of", "for",      "in",
      "//",    "///",      "'",      "#",   "“",      "：",  "，",     "你",       "3x",
      "1e999", "\xFF",     "\r\n",   "/*",  "-",      "not", "sep",    "`",        "｝",
      "｛",    "template", "else",   "let", "\\u{1}", ".",   "with"};

  uint64_t below(uint64_t n) { return rexp::below(stream_, draws_++, n); }
  std::string piece() { return kPieces[below(std::size(kPieces))]; }

  uint64_t stream_;
  uint64_t draws_ = 0;
};

TEST(ParseFuzz, DamagedTextsNeverCrash) {
  const std::vector<std::string> texts = example_texts();
  ASSERT_FALSE(texts.empty());
  Mutator mutator(2026);
  for (int round = 0; round < 4000; ++round) {
    const std::string text = mutator.mutate(texts[static_cast<size_t>(round) % texts.size()]);
    source::SourceMap sources;
    diagnostics::Sink sink;
    const source::FileId file = sources.add("fuzz.rexp", text);
    const ast::Module module = parse_module(sources, file, sink);
    const bool broken =
        std::any_of(module.expr_nodes.begin(), module.expr_nodes.end(),
                    [](const ast::Expr& e) { return std::holds_alternative<ast::Broken>(e.node); });
    ASSERT_TRUE(!broken || sink.has_errors()) << text;
    for (const ast::Expr& e : module.expr_nodes)
      ASSERT_TRUE(e.span.begin <= e.span.end && e.span.end <= text.size()) << text;
    ast::dump(module);
    if (sources.text(file).empty() || find_invalid_utf8(text) != std::string::npos) continue;
    for (const auto& d : sink.take()) ASSERT_FALSE(diagnostics::render(d, sources, true).empty());
  }
}

}  // namespace
}  // namespace rexp::parse
