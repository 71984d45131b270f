#include "runtime/text/splitter.h"

#include "runtime/text/unicode.h"

namespace rexp::text {
namespace {

/// One character of the stretch: its class and where the next begins.
struct Char {
  char32_t value;
  CharClass kind;
  size_t next;
};

/// Matches the alternatives of a pattern at a position, first that fits, like the regular expression does.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  size_t match(SplitPattern pattern, size_t at) const {
    return pattern == SplitPattern::gpt2 ? match_gpt2(at)
                                         : match_qwen(at, pattern == SplitPattern::llama3 ? 3 : 1);
  }

 private:
  bool ended(size_t at) const { return at >= text_.size(); }
  Char read(size_t at) const {
    const CodePoint c = code_point(text_, at);
    return {c.value, classify(c.value), at + c.size};
  }
  bool is(size_t at, CharClass kind) const { return !ended(at) && read(at).kind == kind; }
  bool is_blank(size_t at) const { return is(at, CharClass::space) || is(at, CharClass::newline); }

  /// End of the longest run of `kind` from `at`, at most `limit` characters.
  size_t run(size_t at, CharClass kind, int limit = -1) const {
    while (limit != 0 && !ended(at)) {
      const Char c = read(at);
      if (c.kind != kind) break;
      at = c.next;
      if (limit > 0) --limit;
    }
    return at;
  }

  /// ' and s, t, re, ve, m, ll or d; 0 when there is none. Ignoring case, U+017F is an s.
  size_t contraction(size_t at, bool ignore_case) const {
    const auto letter = [&](size_t i) -> char32_t {
      if (ended(i)) return 0;
      const char32_t c = code_point(text_, i).value;
      if (!ignore_case) return c;
      if (c == 0x17F) return 's';
      return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    };
    const char32_t first = letter(at + 1);
    if (first == 's' || first == 't' || first == 'm' || first == 'd')
      return at + 1 + code_point(text_, at + 1).size;
    const char32_t second = first == 'r' || first == 'v' ? 'e' : first == 'l' ? 'l' : 0;
    return second != 0 && letter(at + 2) == second ? at + 3 : 0;
  }

  /// \s+(?!\S)|\s+ : a run of blanks, of which the last is left to a word that follows.
  size_t blanks(size_t at) const {
    size_t end = at, last = at;
    while (is_blank(end)) {
      last = end;
      end = read(end).next;
    }
    return ended(end) || last == at ? end : last;
  }

  /// \s*[\r\n]+ : up to the last line end of a run of blanks; 0 when it has none.
  size_t through_last_newline(size_t at) const {
    size_t found = 0;
    while (is_blank(at)) {
      const Char c = read(at);
      at = c.next;
      if (c.kind == CharClass::newline) found = at;
    }
    return found;
  }

  size_t match_qwen(size_t at, int digits) const {
    const Char c = read(at);
    if (c.value == '\'') {
      if (const size_t end = contraction(at, true)) return end;
    }
    switch (c.kind) {
      case CharClass::letter: return run(at, CharClass::letter);
      case CharClass::number: return run(at, CharClass::number, digits);
      case CharClass::other:
        if (is(c.next, CharClass::letter)) return run(c.next, CharClass::letter);
        return run(run(at, CharClass::other), CharClass::newline);
      case CharClass::space:
        if (is(c.next, CharClass::letter)) return run(c.next, CharClass::letter);
        if (c.value == ' ' && is(c.next, CharClass::other)) {
          return run(run(c.next, CharClass::other), CharClass::newline);
        }
        break;
      case CharClass::newline: break;
    }
    const size_t lines = through_last_newline(at);
    return lines != 0 ? lines : blanks(at);
  }

  size_t match_gpt2(size_t at) const {
    const Char c = read(at);
    if (c.value == '\'') {
      if (const size_t end = contraction(at, false)) return end;
    }
    const size_t word = c.value == ' ' ? c.next : at;
    if (!ended(word)) {
      const CharClass kind = read(word).kind;
      if (kind == CharClass::letter || kind == CharClass::number || kind == CharClass::other)
        return run(word, kind);
    }
    return blanks(at);
  }

  std::string_view text_;
};

}  // namespace

Splitter::Splitter(std::string_view text, SplitRule rule) : text_(text), rule_(rule) {
  if (!rule.digits_apart) end_ = text.size();
}

bool Splitter::next(std::string_view* piece) {
  if (at_ >= text_.size()) return false;
  size_t to;
  const auto is_number = [&](size_t at) {
    return classify(code_point(text_, at).value) == CharClass::number;
  };
  if (rule_.digits_apart && at_ >= end_ && is_number(at_)) {
    to = end_ = at_ + code_point(text_, at_).size;
  } else {
    if (at_ >= end_) {
      end_ = at_;
      while (end_ < text_.size() && !is_number(end_)) end_ += code_point(text_, end_).size;
    }
    to = Scanner(text_.substr(0, end_)).match(rule_.pattern, at_);
  }
  *piece = text_.substr(at_, to - at_);
  at_ = to;
  return true;
}

}  // namespace rexp::text
