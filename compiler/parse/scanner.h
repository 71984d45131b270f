// Characters to the tokens that the parser sees. ANTLR's lexer cuts; the scanner mends, so that one
// slip in a text or a brace does not make an error of every following line:
//
//   user "看过${h.sid，下一部看什么？"      <- the hole is never closed: the line's end closes it, one error
//   title： Text                          <- a full-width colon is read as `:`, one error
//
// After it, braces and texts are always balanced.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "RexpLexer.h"
#include "antlr4-runtime.h"
#include "compiler/diagnostics/diagnostics.h"

namespace rexp::parse {

/// ANTLR counts code points; everything of ours counts bytes.
class PointMap {
 public:
  PointMap(std::string_view text, source::FileId file);
  source::Span span(size_t begin_point, size_t end_point) const;
  source::Span span(const antlr4::Token& token) const;

 private:
  source::FileId file_;
  std::vector<uint32_t> bytes_;  // of each code point, and of the end
};

struct Scan {
  std::vector<std::unique_ptr<antlr4::Token>> tokens;
  std::vector<diagnostics::Diagnostic> diagnostics;
  std::set<size_t> lines_with_errors;  // the parser keeps quiet about these
  bool stopped = false;  // at a limit, so the rest was not read and there is nothing to parse
};

/// Of one file, in the scanner and in the parser: what has more is no program, and reading on would only take time.
constexpr size_t kMaxErrors = 100;

constexpr size_t kMaxName = 256;  // bytes

/// The characters the lexer looks at. ANTLR remembers its decisions for ASCII only and works out all others anew, so where no rule
/// tells one letter from another (in a text, and far inside of a comment or of what is too long for a name) they look like `x`.
class Characters : public antlr4::ANTLRInputStream {
 public:
  using ANTLRInputStream::ANTLRInputStream;
  /// The lexer's `mode` and the start of its token change as it goes on.
  void follow(const antlr4::Lexer& lexer) { lexer_ = &lexer; }
  size_t LA(ssize_t i) override {
    const size_t point = ANTLRInputStream::LA(i);
    const bool letter = point > 0x7F && point != static_cast<size_t>(IntStream::EOF);
    return letter && lexer_ && are_alike() ? 'x' : point;
  }

 private:
  bool are_alike() {
    return lexer_->mode != rexp_grammar::RexpLexer::DEFAULT_MODE ||
           index() > lexer_->tokenStartCharIndex + kMaxName;
  }
  const antlr4::Lexer* lexer_ = nullptr;
};

/// The generated lexer throws when a `}` too many empties its mode stack; this one ignores it.
class GuardedLexer : public rexp_grammar::RexpLexer {
 public:
  using RexpLexer::RexpLexer;
  size_t popMode() override { return modeStack.empty() ? 0 : RexpLexer::popMode(); }
  void restart();
};

/// The lexer and its input must outlive the tokens.
Scan scan(GuardedLexer& lexer, const PointMap& points);

}  // namespace rexp::parse
