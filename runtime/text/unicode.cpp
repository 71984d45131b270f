#include "runtime/text/unicode.h"

#include <utf8proc.h>

#include <array>
#include <cstdlib>

#include "runtime/base/assert.h"

namespace rexp::text {
namespace {

constexpr std::array<CharClass, 128> ascii_classes() {
  std::array<CharClass, 128> classes{};
  for (int c = 0; c < 128; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool number = c >= '0' && c <= '9';
    const bool newline = c == '\r' || c == '\n';
    const bool space = c == ' ' || c == '\t' || c == '\v' || c == '\f';
    classes[c] = letter    ? CharClass::letter
                 : number  ? CharClass::number
                 : newline ? CharClass::newline
                 : space   ? CharClass::space
                           : CharClass::other;
  }
  return classes;
}
constexpr std::array<CharClass, 128> kAscii = ascii_classes();

/// White_Space beyond ASCII.
bool is_wide_space(char32_t c) {
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Appends the NFC of valid UTF-8.
void append_nfc(std::string_view valid, std::string* out) {
  if (valid.empty()) return;
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(valid.data()),
                   static_cast<utf8proc_ssize_t>(valid.size()), &composed,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  REXP_ASSERT(size >= 0, "NFC of valid UTF-8 failed");
  out->append(reinterpret_cast<const char*>(composed), static_cast<size_t>(size));
  std::free(composed);
}

}  // namespace

CodePoint code_point(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xC2 || lead > 0xF4) return {kInvalid, 1};
  const uint32_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // the second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t value = lead & (0x7F >> size);
  for (uint32_t i = 1; i < size; ++i) {
    if (at + i >= text.size()) return {kInvalid, i};
    const unsigned char next = byte(i);
    const bool fits = i == 1 ? next >= low && next <= high : (next & 0xC0) == 0x80;
    if (!fits) return {kInvalid, i};
    value = (value << 6) | (next & 0x3F);
  }
  return {value, size};
}

CharClass classify(char32_t value) {
  if (value < 128) return kAscii[value];
  if (value == kInvalid) return CharClass::other;
  if (is_wide_space(value)) return CharClass::space;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(value))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return CharClass::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return CharClass::number;
    default: return CharClass::other;
  }
}

/// Nothing below U+0300 changes under NFC; above, only what decomposes, combines or reorders can.
bool is_inert(char32_t c) {
  if (c < 0x300 || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3)) return true;
  if (c >= 0x1100 && c <= 0x11FF)
    return false;  // Hangul jamo are composed by arithmetic, not by table
  const utf8proc_property_t* p = utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
  const bool canonical_decomposition = p->decomp_seqindex != UINT16_MAX && p->decomp_type == 0;
  return p->combining_class == 0 && !canonical_decomposition && p->comb_index == UINT16_MAX;
}

bool may_change_under_nfc(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const CodePoint c = code_point(text, at);
    if (c.value != kInvalid && !is_inert(c.value)) return true;
    at += c.size;
  }
  return false;
}

std::string nfc(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t valid_begin = 0;
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = code_point(text, at);
    if (c.value == kInvalid) {
      append_nfc(text.substr(valid_begin, at - valid_begin), &out);
      out.append(text.substr(at, c.size));
      valid_begin = at + c.size;
    }
    at += c.size;
  }
  append_nfc(text.substr(valid_begin), &out);
  return out;
}

std::string repair_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const CodePoint c = code_point(text, at);
    out.append(c.value == kInvalid ? std::string_view("\xEF\xBF\xBD") : text.substr(at, c.size));
    at += c.size;
  }
  return out;
}

}  // namespace rexp::text
