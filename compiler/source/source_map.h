// Every place in every source file. One owner for the four ways to count a column: bytes (ours), code points (ANTLR's),
// UTF-16 units (editors') and display cells (what a terminal shows: a Chinese character is two wide).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::source {

using FileId = int32_t;

/// Bytes [begin, end) of a file.
struct Span {
  FileId file = -1;
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const Span&) const = default;
};

/// The smallest span that covers both (same file).
Span cover(Span a, Span b);

struct Place {
  int line = 1;  // all 1-based
  int byte_column = 1;
  int point_column = 1;
  int utf16_column = 1;
  int display_column = 1;
};

class SourceMap {
 public:
  /// Reads a file; an error names it. Invalid UTF-8 is an error that names the line. A byte order mark is dropped.
  Result<FileId> open(const std::string& path);
  /// A file that exists only in memory (tests, --set, the standard library when it is embedded).
  FileId add(std::string name, std::string text);

  const std::string& name(FileId file) const;
  std::string_view text(FileId file) const;
  std::string_view text(Span span) const;
  std::string_view line(FileId file, int line) const;  // without its end
  Place place(FileId file, uint32_t byte) const;
  /// Byte offset of a code-point offset (ANTLR's token index).
  uint32_t byte_of_point(FileId file, size_t point) const;
  int file_count() const;
  /// A path that a program writes: relative to the file it is written in.
  std::string beside(FileId file, const std::string& path) const;

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<uint32_t> lines;        // byte offset of each line's start
    std::vector<uint32_t> line_points;  // the same in code points
  };
  std::vector<File> files_;
};

/// Cells a terminal uses for this UTF-8 text. A tab counts as kTabWidth cells, wherever it stands.
int display_width(std::string_view utf8);
inline constexpr int kTabWidth = 4;

}  // namespace rexp::source
