#include "runtime/text/cuts.h"

#include "runtime/text/unicode.h"

namespace rexp::text {
namespace {

/// The code point that ends `text`; kInvalid where its last bytes are none.
char32_t last_code_point(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
    --at;
  const CodePoint c = code_point(text, at);
  return at + c.size == text.size() ? c.value : kInvalid;
}

bool cut_between(char32_t a, char32_t b) {
  if (a == kInvalid || b == kInvalid || !is_inert(a) || !is_inert(b)) return false;
  const CharClass left = classify(a), right = classify(b);
  switch (left) {
    case CharClass::letter: return right != CharClass::letter;
    case CharClass::number: return right != CharClass::number;
    case CharClass::other: return right == CharClass::number || right == CharClass::space;
    case CharClass::newline:
    case CharClass::space: return false;
  }
  return false;
}

}  // namespace

bool cut_between(std::string_view before, std::string_view after) {
  if (before.empty() || after.empty()) return false;
  return cut_between(last_code_point(before), code_point(after, 0).value);
}

Cuts cuts_in(std::string_view text) {
  Cuts cuts{text.size(), text.size()};
  char32_t before = kInvalid;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = code_point(text, at);
    if (at > 0 && cut_between(before, c.value)) {
      if (cuts.first == text.size()) cuts.first = at;
      cuts.last = at;
    }
    before = c.value;
    at += c.size;
  }
  return cuts;
}

}  // namespace rexp::text
