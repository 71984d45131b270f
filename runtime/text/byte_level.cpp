#include "runtime/text/byte_level.h"

#include <array>
#include <cstdint>

#include "runtime/text/unicode.h"

namespace rexp::text {
namespace {

struct Alphabet {
  std::array<uint16_t, 256> code{};   // byte -> code point
  std::array<int16_t, 0x144> byte{};  // code point -> byte, -1 outside
};

constexpr Alphabet make_alphabet() {
  Alphabet a;
  for (auto& b : a.byte) b = -1;
  uint16_t spare =
      0x100;  // bytes without a printable Latin-1 character take the code points from U+0100 on
  for (int b = 0; b < 256; ++b) {
    const bool printable = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    a.code[b] = printable ? static_cast<uint16_t>(b) : spare++;
    a.byte[a.code[b]] = static_cast<int16_t>(b);
  }
  return a;
}
constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

std::string to_byte_level(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const uint16_t code = kAlphabet.code[static_cast<unsigned char>(c)];
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return out;
}

std::optional<std::string> from_byte_level(std::string_view spelling) {
  std::string out;
  out.reserve(spelling.size());
  for (size_t at = 0; at < spelling.size();) {
    const CodePoint c = code_point(spelling, at);
    if (c.value >= kAlphabet.byte.size() || kAlphabet.byte[c.value] < 0) return std::nullopt;
    out += static_cast<char>(kAlphabet.byte[c.value]);
    at += c.size;
  }
  return out;
}

}  // namespace rexp::text
