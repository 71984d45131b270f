// Small files of users and items, and what loading them says.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <initializer_list>
#include <string>

#include "runtime/data/load.h"
#include "runtime/store/file.h"

namespace rexp::data {

inline constexpr char kInter[] =
    "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    "u1\t10\t3\t5\n"
    "u2\t11\t4\t1\n"
    "u1\t11\t5\t5\n"
    "u1\t12\t1\t2.5\n"
    "u2\t10\t2\t9\n"
    "u2\t12\t2\t3\n"
    "u1\t10\t4\t5\n";
inline constexpr char kItem[] =
    "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
    "12\tToy Story\t1995\tAnimation Children's Comedy\n"
    "10\tGoldenEye\tunknown\tAction\r\n"
    "11\t新世界\t\t\n";

/// A folder of the test's own.
class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "rexp_data_" + std::to_string(::getpid());
    ASSERT_TRUE(store::make_folder(folder_).ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, std::string_view text) {
    const std::string path = folder_ + "/" + name;
    EXPECT_TRUE(store::write_file(path, text).ok());
    return path;
  }

  std::string folder_;
};

class DataTest : public FilesTest {
 protected:
  LoadOptions recbole() {
    LoadOptions options;
    options.source = {{"is", "Files"}, {"format", "recbole"}};
    options.files = {{"inter", file("a.inter", kInter)}, {"item", file("a.item", kItem)}};
    options.rename = {{"title", "movie_title"}, {"year", "release_year"}, {"category", "class"}};
    options.columns = {{.name = "title", .kind = ColumnKind::text, .fallback = {}},
                       {.name = "year", .kind = ColumnKind::integer, .fallback = {{"0"}}},
                       {.name = "category", .kind = ColumnKind::text_list, .fallback = {}}};
    return options;
  }
  /// The error of loading, as the user sees it.
  static std::string failure(const LoadOptions& options) {
    Result<Loaded> loaded = read_dataset(options);
    EXPECT_FALSE(loaded.ok());
    if (loaded.ok()) return "";
    EXPECT_EQ(loaded.error().kind, ErrorKind::user);
    return to_string(loaded.error());
  }
};

inline testing::AssertionResult has(const std::string& text,
                                    std::initializer_list<std::string> parts) {
  for (const std::string& part : parts) {
    if (text.find(part) == std::string::npos)
      return testing::AssertionFailure() << "no \"" << part << "\" in: " << text;
  }
  return testing::AssertionSuccess();
}

}  // namespace rexp::data
