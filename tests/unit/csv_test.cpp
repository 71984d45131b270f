#include <gtest/gtest.h>

#include "runtime/base/json.h"
#include "runtime/data/load.h"
#include "runtime/data/raw_table.h"
#include "tests/unit/data_files.h"

namespace rexp::data {
namespace {

class CsvTest : public FilesTest {
 protected:
  Result<RawTable> read(std::string_view text) { return read_csv(file("t.csv", text)); }
  std::string failure(std::string_view text) {
    Result<RawTable> table = read(text);
    EXPECT_FALSE(table.ok());
    return table.ok() ? "" : to_string(table.error());
  }
};

TEST_F(CsvTest, QuotesCommasAndLineEnds) {
  Result<RawTable> table = read(
      "\xEF\xBB\xBFid,title,note\r\n"
      "1,\"Toy Story (1995), the film\",\"he said \"\"hi\"\"\"\r\n"
      "\n"
      "2,\"two\nlines\",\n"
      "3,,\"\"");
  ASSERT_TRUE(table.ok()) << to_string(table.error());
  ASSERT_EQ(table->rows(), 3);
  EXPECT_EQ(table->columns[0].name, "id");
  EXPECT_EQ(table->cell(0, 1), "Toy Story (1995), the film");
  EXPECT_EQ(table->cell(0, 2), "he said \"hi\"");
  EXPECT_EQ(table->cell(1, 1), "two\nlines");
  EXPECT_EQ(table->cell(1, 2), "");
  EXPECT_EQ(table->cell(2, 2), "");
  EXPECT_EQ(table->lines, (std::vector<int64_t>{2, 4, 6}));
}

TEST_F(CsvTest, FaultsNameFileAndLine) {
  EXPECT_NE(failure("").find("t.csv: the file is empty"), std::string::npos);
  EXPECT_NE(failure("a,b\n1,2\n3\n").find("t.csv:3: the row has 1 fields, the header 2"),
            std::string::npos);
  EXPECT_NE(failure("a,b\n1,\"2\n3,4\n").find("t.csv:2: the quote"), std::string::npos);
  EXPECT_NE(failure("a,b\n1,2\"\n").find("t.csv:2: a quote stands inside"), std::string::npos);
  EXPECT_NE(failure("a,b\n\"1\"2,3\n").find("t.csv:2: there is text behind"), std::string::npos);
  EXPECT_NE(failure("a,a\n1,2\n").find("`a` is there twice"), std::string::npos);
  EXPECT_NE(failure("a,\n1,2\n").find("has no name"), std::string::npos);
}

TEST_F(CsvTest, IsASourceOfInteractions) {
  LoadOptions options;
  options.source = {{"is", "Csv"}};
  options.files = {{"events", file("e.csv", "user,item,time,stars\nu,b,2,4.5\nu,a,1,3\n")},
                   {"items", file("i.csv", "item,title,genres\na,A,x|y z\nb,B,\n")}};
  options.columns = {
      {.name = "genres", .kind = ColumnKind::text_list, .fallback = {}},
      {.name = "stars", .kind = ColumnKind::real, .table = "events", .fallback = {}}};
  Result<Loaded> loaded = read_dataset(options);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  const Dataset& d = loaded->dataset;
  EXPECT_EQ(d.event_items(), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(d.events.find("stars")->reals, (std::vector<double>{3, 4.5}));
  EXPECT_EQ(d.items.find("genres")->list_offsets, (std::vector<int64_t>{0, 2, 2}));
  EXPECT_EQ(d.items.find("genres")->text(1), "y z");
}

TEST_F(CsvTest, IsATableOfOnesOwnRows) {
  LoadOptions options;
  options.source = {{"is", "Csv"}};
  options.files = {{"rows", file("n.csv", "key,note,stars\n7,\"good, really\",5\n8,bad,1\n")}};
  std::vector<std::string> notes;
  Result<Table> table = read_table(options, "key", &notes);
  ASSERT_TRUE(table.ok()) << to_string(table.error());
  EXPECT_EQ(table->columns.front().text(1), "8");
  EXPECT_EQ(table->find("note")->text(0), "good, really");
  options.columns = {{.name = "key", .kind = ColumnKind::integer, .fallback = {}},
                     {.name = "stars", .kind = ColumnKind::integer, .fallback = {}}};
  table = read_table(options, "key", &notes);
  ASSERT_TRUE(table.ok()) << to_string(table.error());
  ASSERT_EQ(table->columns.size(), 2u);
  EXPECT_EQ(table->columns.front().integers, (std::vector<int64_t>{7, 8}));
  const std::string path = folder_ + "/table.bin";
  ASSERT_TRUE(save(*table, path).ok());
  EXPECT_EQ(load_table(path)->columns, table->columns);
  options.files["more"] = options.files["rows"];
  EXPECT_EQ(read_table(options, "key", &notes).error().kind, ErrorKind::user);
  options.source = {{"is", "ToySource"}};
  EXPECT_EQ(read_table(options, "key", &notes).error().kind, ErrorKind::user);
}

}  // namespace
}  // namespace rexp::data
