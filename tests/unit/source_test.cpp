#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "compiler/source/source_map.h"
#include "runtime/base/utf8.h"

namespace rexp::source {
namespace {

std::string temporary_file(const std::string& name, const std::string& bytes) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(SourceMap, CountsAColumnInFourWays) {
  SourceMap sources;
  const FileId file = sources.add("a.rexp", "x\n  你好😀é!\n");
  const uint32_t mark = static_cast<uint32_t>(sources.text(file).find('!'));
  const Place place = sources.place(file, mark);
  EXPECT_EQ(place.line, 2);
  EXPECT_EQ(place.byte_column, 1 + 2 + 3 + 3 + 4 + 2);
  EXPECT_EQ(place.point_column, 1 + 2 + 1 + 1 + 1 + 1);
  EXPECT_EQ(place.utf16_column, 1 + 2 + 1 + 1 + 2 + 1);
  EXPECT_EQ(place.display_column, 1 + 2 + 2 + 2 + 2 + 1);
}

TEST(SourceMap, PlacesTheEndsOfLinesAndOfTheFile) {
  SourceMap sources;
  const FileId file = sources.add("a.rexp", "ab\r\n\ncd");
  EXPECT_EQ(sources.line(file, 1), "ab");
  EXPECT_EQ(sources.line(file, 2), "");
  EXPECT_EQ(sources.line(file, 3), "cd");
  EXPECT_EQ(sources.place(file, 4).line, 2);
  EXPECT_EQ(sources.place(file, 7).line, 3);
  EXPECT_EQ(sources.place(file, 7).byte_column, 3);
  EXPECT_EQ(sources.place(file, 1000).line, 3);
}

TEST(SourceMap, TranslatesCodePointsToBytes) {
  SourceMap sources;
  const std::string text = "a你\n好b😀c";
  const FileId file = sources.add("a.rexp", text);
  EXPECT_EQ(sources.byte_of_point(file, 0), 0u);
  EXPECT_EQ(sources.byte_of_point(file, 2), text.find('\n'));
  EXPECT_EQ(sources.byte_of_point(file, 4), text.find('b'));
  EXPECT_EQ(sources.byte_of_point(file, 6), text.find('c'));
  EXPECT_EQ(sources.byte_of_point(file, 7), text.size());
}

TEST(SourceMap, OpensFilesAndDropsTheByteOrderMark) {
  SourceMap sources;
  const auto file = sources.open(temporary_file("bom.rexp", "\xEF\xBB\xBFlet a = 1\n"));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(sources.text(*file), "let a = 1\n");
  EXPECT_FALSE(sources.open("/nowhere/at/all.rexp").ok());
}

TEST(SourceMap, InvalidUtf8NamesTheLine) {
  SourceMap sources;
  const auto file = sources.open(temporary_file("latin1.rexp", "let a = 1\nlet b = \"caf\xE9\"\n"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().line, 2);
  EXPECT_EQ(file.error().message, "line is not UTF-8");
}

TEST(Utf8, FindsWhatIsNotWellFormed) {
  EXPECT_EQ(find_invalid_utf8("plain 你好 😀"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("ab\x80"), 2u);            // a tail without a head
  EXPECT_EQ(find_invalid_utf8("a\xE4\xBD"), 1u);         // cut off
  EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0u);          // too long a form of `/`
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0u);      // half of a surrogate pair
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0u);  // above U+10FFFF
}

TEST(DisplayWidth, FollowsTerminals) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("推荐，"), 6);
  EXPECT_EQ(display_width("e\xCC\x81"), 1);  // a letter and its accent
  EXPECT_EQ(display_width("\t"), kTabWidth);
}

TEST(Span, CoverTakesBothEnds) {
  EXPECT_EQ(cover({0, 3, 5}, {0, 1, 4}), (Span{0, 1, 5}));
  EXPECT_EQ(cover(Span{}, {0, 1, 4}), (Span{0, 1, 4}));
}

}  // namespace
}  // namespace rexp::source
