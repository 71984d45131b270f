// The little of Unicode that byte-level BPE needs: code points, five classes, NFC, repair of invalid UTF-8.
//
//   CodePoint c = code_point(text, 0);        // c.value, c.size
//   classify(c.value)                          // letter, number, newline, space, other
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rexp::text {

/// What the splitting rules tell apart: \p{L}, \p{N}, [\r\n], the rest of \s, and everything else.
enum class CharClass : uint8_t { letter, number, newline, space, other };

struct CodePoint {
  char32_t value;  // kInvalid for a byte that starts no valid sequence
  uint32_t
      size;  // bytes taken: 1..4; for an invalid sequence its maximal valid beginning (at least 1)
};
inline constexpr char32_t kInvalid = 0xFFFFFFFF;

/// The code point at `at` (must be inside `text`), decoded strictly (Unicode 15, table 3-7).
CodePoint code_point(std::string_view text, size_t at);

/// Class of a code point; kInvalid is `other`.
CharClass classify(char32_t value);

/// True where a code point stays itself under NFC and never joins the one before it; false is always safe.
bool is_inert(char32_t value);
/// False when `text` is surely in NFC already; true when it has to be normalised to know.
bool may_change_under_nfc(std::string_view text);
/// NFC of `text`; invalid bytes stay as they are and separate what is normalised.
std::string nfc(std::string_view text);

/// `text` with every maximal invalid part replaced by U+FFFD.
std::string repair_utf8(std::string_view text);

}  // namespace rexp::text
