#include "compiler/source/source_map.h"

#include <utf8proc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/base/assert.h"
#include "runtime/base/utf8.h"

namespace rexp::source {

namespace {

/// Decodes one code point of valid UTF-8 and steps over it.
char32_t next_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 1 || at + length > text.size()) {
    ++at;
    return first;
  }
  char32_t point = first & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) point = point << 6 | (byte(at + i) & 0x3F);
  at += length;
  return point;
}

int width_of(char32_t point) {
  if (point == '\t') return kTabWidth;
  if (point < 0x7F) return point < 0x20 ? 0 : 1;
  return utf8proc_charwidth(static_cast<utf8proc_int32_t>(point));
}

}  // namespace

Span cover(Span a, Span b) {
  if (a.file < 0) return b;
  if (b.file < 0) return a;
  return Span{a.file, std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

Result<FileId> SourceMap::open(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return user_error("cannot read `" + path + "`", "check the path and its permissions");
  std::ostringstream bytes;
  bytes << in.rdbuf();
  std::string text = std::move(bytes).str();
  if (!in || text.size() > UINT32_MAX) return user_error("cannot read `" + path + "`");
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  const size_t bad = find_invalid_utf8(text);
  if (bad != std::string_view::npos) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(bad), '\n');
    return file_error(path, static_cast<int>(line), "line is not UTF-8",
                      "save the file with the encoding UTF-8");
  }
  return add(path, std::move(text));
}

FileId SourceMap::add(std::string name, std::string text) {
  File file{std::move(name), std::move(text), {0}, {0}};
  uint32_t point = 0;
  for (size_t i = 0; i < file.text.size(); ++i) {
    if ((file.text[i] & 0xC0) != 0x80) ++point;
    if (file.text[i] == '\n') {
      file.lines.push_back(static_cast<uint32_t>(i + 1));
      file.line_points.push_back(point);
    }
  }
  files_.push_back(std::move(file));
  return static_cast<FileId>(files_.size() - 1);
}

const std::string& SourceMap::name(FileId file) const { return files_.at(file).name; }

std::string_view SourceMap::text(FileId file) const { return files_.at(file).text; }

std::string_view SourceMap::text(Span span) const {
  return text(span.file).substr(span.begin, span.end - span.begin);
}

std::string_view SourceMap::line(FileId file, int line) const {
  const File& f = files_.at(file);
  REXP_ASSERT(line >= 1 && line <= static_cast<int>(f.lines.size()), "line outside the file");
  const size_t begin = f.lines[line - 1];
  const size_t end =
      line < static_cast<int>(f.lines.size()) ? f.lines[line] - size_t{1} : f.text.size();
  std::string_view text = std::string_view(f.text).substr(begin, end - begin);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

Place SourceMap::place(FileId file, uint32_t byte) const {
  const File& f = files_.at(file);
  byte = std::min<uint32_t>(byte, static_cast<uint32_t>(f.text.size()));
  const auto after = std::upper_bound(f.lines.begin(), f.lines.end(), byte);
  Place place;
  place.line = static_cast<int>(after - f.lines.begin());
  const uint32_t begin = *std::prev(after);
  const std::string_view before = std::string_view(f.text).substr(begin, byte - begin);
  place.byte_column = static_cast<int>(before.size()) + 1;
  for (size_t at = 0; at < before.size();) {
    const char32_t point = next_point(before, at);
    place.point_column += 1;
    place.utf16_column += point > 0xFFFF ? 2 : 1;
    place.display_column += width_of(point);
  }
  return place;
}

uint32_t SourceMap::byte_of_point(FileId file, size_t point) const {
  const File& f = files_.at(file);
  const auto after = std::upper_bound(f.line_points.begin(), f.line_points.end(), point);
  const size_t line = static_cast<size_t>(after - f.line_points.begin()) - 1;
  size_t at = f.lines[line];
  for (size_t left = point - f.line_points[line]; left > 0 && at < f.text.size(); --left) {
    next_point(f.text, at);
  }
  return static_cast<uint32_t>(at);
}

int SourceMap::file_count() const { return static_cast<int>(files_.size()); }

std::string SourceMap::beside(FileId file, const std::string& path) const {
  namespace fs = std::filesystem;
  if (fs::path(path).is_absolute() || file < 0) return path;
  return (fs::path(name(file)).parent_path() / path).lexically_normal().string();
}

int display_width(std::string_view utf8) {
  int width = 0;
  for (size_t at = 0; at < utf8.size();) width += width_of(next_point(utf8, at));
  return width;
}

}  // namespace rexp::source
