// Whether bytes are text.
#pragma once

#include <cstddef>
#include <string_view>

namespace rexp {

/// Offset of the first byte that is not well-formed UTF-8 (RFC 3629), or npos.
size_t find_invalid_utf8(std::string_view text);

}  // namespace rexp
