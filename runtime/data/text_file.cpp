#include "runtime/data/text_file.h"

#include <algorithm>
#include <cstdio>

#include "runtime/base/utf8.h"
#include "runtime/store/file.h"

namespace rexp::data {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

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
  const size_t bad = std::min(find_invalid_utf8(*bytes), bytes->find('\0'));
  if (bad != std::string::npos) return no_text(path, *bytes, bad);
  return bytes;
}

}  // namespace rexp::data
