// Splitting a file's text without copying it.
#pragma once

#include <string_view>

namespace rexp::data {

/// The next line of `text` without its end (LF or CRLF); `text` loses it.
inline std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

/// The next word of `line`, between blanks or tabs; empty at the end. `line` loses it.
inline std::string_view take_word(std::string_view& line) {
  const size_t begin = line.find_first_not_of(" \t");
  line.remove_prefix(begin == std::string_view::npos ? line.size() : begin);
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace rexp::data
