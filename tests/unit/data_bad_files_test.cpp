// Files that are no data: what is said of them, and that none is followed.
#include <gtest/gtest.h>

#include <functional>

#include "runtime/base/json.h"
#include "runtime/data/convert.h"
#include "tests/unit/data_files.h"

namespace rexp::data {
namespace {

using BadFiles = DataTest;

TEST_F(BadFiles, BadValuesNameTheirLine) {
  LoadOptions options = recbole();
  options.columns[1].fallback.reset();
  EXPECT_TRUE(has(failure(options),
                  {"a.item:3", "`release_year` is `unknown`", "`year` must be a whole number"}));
  options = recbole();
  options.files["inter"] =
      file("b.inter", "user_id:token\titem_id:token\ttimestamp:float\nu\t10\t1\nu\t10\tsoon\n");
  EXPECT_TRUE(has(failure(options), {"b.inter:3", "the time `soon`"}));
  options.files["inter"] =
      file("b.inter", "user_id:token\titem_id:token\ttimestamp:float\nu\t10\n");
  EXPECT_TRUE(has(failure(options), {"b.inter:2", "2 fields", "declares 3"}));
  options.files["inter"] = file("b.inter", "user_id:token\titem_id\ttimestamp:float\n");
  EXPECT_TRUE(has(failure(options), {"b.inter:1", "`item_id` has no type"}));
  options.files["inter"] = file(
      "b.inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu\t10\tgood\t1\n");
  EXPECT_TRUE(has(failure(options), {"b.inter:2", "`rating` is `good`"}))
      << "no leniency in a float column";
  options = recbole();
  options.files["item"] = file("b.item",
                               "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:"
                               "token_seq\n10\tCaf\xE9\t1\tx\n");
  EXPECT_TRUE(has(failure(options), {"b.item:2", "not UTF-8"}));
}

TEST_F(BadFiles, BrokenCataloguesAreRefused) {
  LoadOptions options = recbole();
  options.files["item"] =
      file("b.item", "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n");
  EXPECT_TRUE(has(failure(options), {"catalogue is empty"}));
  options.files["item"] = file("b.item", std::string(kItem) + "10\ta\t1\tb\n");
  EXPECT_TRUE(has(failure(options), {"b.item:5", "`10` is already on line 3"}));
  options.files["item"] = file(
      "b.item",
      "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n10\ta\t1\tx\n");
  EXPECT_TRUE(has(failure(options), {"a.inter:3", "item `11`", "b.item lacks"}));
  options.files["item"] = folder_ + "/absent.item";
  options.hint = "run the set-up";
  EXPECT_TRUE(has(failure(options), {"there is no file", "absent.item", "run the set-up"}));
  options = recbole();
  options.files["inter"] = file("b.inter", "user_id:token\titem_id:token\ttimestamp:float\n");
  EXPECT_TRUE(has(failure(options), {"there are no events"}));
}

TEST_F(BadFiles, EveryReaderSkipsAMarkAndRefusesWhatIsNoText) {
  struct Reader {
    Result<RawTable> (*read)(const std::string&);
    std::string before, after;  // a whole file around a cell of its second line, four columns in
  };
  const Reader readers[] = {
      {read_csv, "id,name\n17,", "\n"},
      {read_recbole, "id:token\tname:token\n17\t", "\n"},
      {read_sequences, "1 2 3\n17 ", "\n"},
      {read_jsonl, "{\"id\": 1}\n{\"id\": \"", "\"}\n"},
  };
  for (const Reader& reader : readers) {
    const auto read = [&](const std::string& text) { return reader.read(file("t", text)); };
    const auto failure = [&](const std::string& text) {
      const Result<RawTable> table = read(text);
      return table.ok() ? "" : to_string(table.error());
    };
    const Result<RawTable> plain = read(reader.before + "caf\xC3\xA9" + reader.after);
    const Result<RawTable> marked = read("\xEF\xBB\xBF" + reader.before + "x" + reader.after);
    ASSERT_TRUE(plain.ok() && marked.ok()) << reader.before;
    EXPECT_EQ(marked->columns[0].name, plain->columns[0].name);
    EXPECT_EQ(marked->cell(0, 0), plain->cell(0, 0)) << "the mark is no part of the first id";
    const auto column = std::to_string(reader.before.size() - reader.before.find('\n') + 1);
    EXPECT_TRUE(has(failure(reader.before + "\xC3\xA9\xE9" + reader.after),
                    {"/t:2: byte 0xE9 in column " + column + " is not UTF-8", "iconv"}))
        << "columns count characters";
    EXPECT_TRUE(has(failure(reader.before + "x" + std::string(1, '\0') + reader.after),
                    {"/t:2: there is a NUL byte in column " + column}));
    EXPECT_TRUE(has(failure(std::string("\xFF\xFE") + "1\0" + reader.before), {"/t:1: byte 0xFF"}));
    for (const char* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xBD"})
      EXPECT_TRUE(has(failure(reader.before + bad + reader.after), {"/t:2: byte 0x"}));
  }
}

TEST_F(BadFiles, JsonLinesThatWouldFillMemoryOrCellsAreRefused) {
  const auto failure = [&](const std::string& text) {
    const Result<RawTable> table = read_jsonl(file("t.jsonl", text));
    return table.ok() ? "" : to_string(table.error());
  };
  EXPECT_TRUE(has(failure("{\"a\": 1}\n{\"a\": " + std::string(100'000, '[') + "}\n"),
                  {"t.jsonl:2", "more than 200 levels deep"}));
  EXPECT_TRUE(has(failure(R"({"user": "a\u0000b"})"), {"t.jsonl:1", "`user`", "U+0000"}));
  EXPECT_TRUE(has(failure(R"({"tags": ["a", "b\u001fc"]})"), {"t.jsonl:1", "`tags`", "U+001F"}));
  std::string wide;
  for (int i = 0; i < 1001; ++i) wide += "{\"f" + std::to_string(i) + "\": 1}\n";
  EXPECT_TRUE(has(failure(wide), {"t.jsonl:1001", "`f1000`", "one more than the 1000"}));
}

TEST_F(BadFiles, IdsAndTimesThatNameNothing) {
  LoadOptions options = recbole();
  const std::string head = "user_id:token\titem_id:token\ttimestamp:float\n";
  options.files["inter"] = file("b.inter", head + "u\t10\t1\n\t10\t1\n");
  EXPECT_TRUE(has(failure(options), {"b.inter:3", "`user_id` is empty"}));
  options.files["inter"] = file("b.inter", head + "u\t10\t1e300\n");
  EXPECT_TRUE(has(failure(options), {"b.inter:2", "the time `1e300`"}));
  options = recbole();
  options.files["item"] = file("b.item", std::string(kItem) + "\ta\t1\tb\n");
  EXPECT_TRUE(has(failure(options), {"b.item:5", "`item_id` is empty"}));
  options.files["item"] = file("b.item", "item_id:token\titem_id:token\n1\t1\n");
  EXPECT_TRUE(has(failure(options), {"b.item:1", "`item_id` is there twice"}));
  options.files["item"] = file("b.item", ":token\n1\n");
  EXPECT_TRUE(has(failure(options), {"b.item:1", "no name"}));
}

TEST_F(BadFiles, AFileThatIsWholeAndWrongDoesNotLoad) {
  const Dataset d = read_dataset(recbole())->dataset;
  const std::string path = folder_ + "/dataset.bin";
  const auto loads = [&](const std::function<void(Dataset&)>& change) {
    Dataset wrong = d;
    change(wrong);
    EXPECT_TRUE(save(wrong, path).ok());
    return load_dataset(path).ok();
  };
  const auto column = [](Table& table, std::string_view name) -> Column& {
    return const_cast<Column&>(*table.find(name));
  };
  EXPECT_TRUE(loads([](Dataset&) {}));
  EXPECT_FALSE(loads([&](Dataset& w) { column(w.events, "item").integers[0] = 3; }));
  EXPECT_FALSE(loads([&](Dataset& w) { column(w.events, "item").integers[0] = -1; }));
  EXPECT_FALSE(loads([&](Dataset& w) { column(w.events, "user").integers[0] = 1'000'000; }));
  EXPECT_FALSE(loads([](Dataset& w) { w.user_offsets[1] = -5; }));
  EXPECT_FALSE(loads([](Dataset& w) { w.user_offsets.pop_back(); }));
  EXPECT_FALSE(loads([&](Dataset& w) { column(w.items, "title").text_offsets[1] = 1'000'000; }));
  EXPECT_FALSE(loads([&](Dataset& w) { column(w.items, "category").list_offsets.back() = 99; }));
  EXPECT_FALSE(loads([&](Dataset& w) { column(w.items, "id").name = "name"; }));
  EXPECT_FALSE(loads([&](Dataset& w) { column(w.items, "id").kind = static_cast<ColumnKind>(9); }));
  EXPECT_FALSE(loads([](Dataset& w) { w.items.rows = 4; }));
  Rows rows{{"a", "b"}, int64_t{1} << 62, {}, {}};  // times two columns and eight bytes it is 0
  ASSERT_TRUE(save(rows, folder_ + "/rows.bin").ok());
  EXPECT_FALSE(load_rows(folder_ + "/rows.bin").ok());
  ASSERT_TRUE(save(Table{}, folder_ + "/table.bin").ok());
  EXPECT_FALSE(load_table(folder_ + "/table.bin").ok());
}

}  // namespace
}  // namespace rexp::data
