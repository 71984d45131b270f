// The text of a file that people or other programs wrote, as every reader of this folder begins.
//
//   Result<std::string> text = read_text("ml-100k.item");
//       ml-100k.item:17: byte 0xE9 in column 12 is not UTF-8
//
// A byte-order mark at the beginning is skipped; what cannot be a text at all, NUL and invalid UTF-8, is refused before a field
// is looked at.
#pragma once

#include <string>

#include "runtime/base/result.h"

namespace rexp::data {

Result<std::string> read_text(const std::string& path);

}  // namespace rexp::data
