#include "runtime/data/text_file.h"

#include <algorithm>
#include <cstdio>

#include "runtime/store/file.h"

namespace rexp::data {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

/// Bytes of the code point that `text` begins with; 0 where it begins with none. Overlong forms and surrogates are none.
size_t code_point_size(std::string_view text) {
  const auto byte = [&](size_t k) {
    return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u;
  };
  const unsigned lead = byte(0), second = byte(1);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xC2 && lead < 0xE0   ? 2
                      : lead >= 0xE0 && lead < 0xF0 ? 3
                      : lead >= 0xF0 && lead < 0xF5 ? 4
                                                    : 0;
  for (size_t k = 1; k < size; ++k) {
    if ((byte(k) & 0xC0) != 0x80) return 0;
  }
  const bool wrong = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                     (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return wrong ? 0 : size;
}

Error no_text(const std::string& path, std::string_view text, size_t bad) {
  const std::string_view before = text.substr(0, bad);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto column = 1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(begin),
                                        before.end(), [](char c) { return (c & 0xC0) != 0x80; });
  char seen[80];
  if (text[bad] == '\0') {
    std::snprintf(seen, sizeof seen, "there is a NUL byte in column %lld",
                  static_cast<long long>(column));
    return file_error(path, static_cast<int>(line), seen,
                      "the file may be cut short or damaged, or be no text; UTF-16 is converted "
                      "with `iconv -f utf16 -t utf8`");
  }
  std::snprintf(seen, sizeof seen, "byte 0x%02X in column %lld is not UTF-8",
                static_cast<unsigned char>(text[bad]), static_cast<long long>(column));
  return file_error(path, static_cast<int>(line), seen,
                    "convert the file, for example with `iconv -f latin1 -t utf8`");
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  Result<std::string> bytes = store::read_file(path);
  if (!bytes.ok()) return bytes.error();
  if (bytes->starts_with(kMark)) bytes->erase(0, kMark.size());
  const std::string_view text = *bytes;
  for (size_t at = 0; at < text.size();) {
    const size_t size = text[at] == '\0' ? 0 : code_point_size(text.substr(at));
    if (size == 0) return no_text(path, text, at);
    at += size;
  }
  return bytes;
}

}  // namespace rexp::data
