#include "runtime/base/utf8.h"

#include <utf8proc.h>

namespace rexp {

size_t find_invalid_utf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    utf8proc_int32_t point = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
    const auto taken =
        utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    if (taken <= 0) return at;
    at += static_cast<size_t>(taken);
  }
  return std::string_view::npos;
}

}  // namespace rexp
