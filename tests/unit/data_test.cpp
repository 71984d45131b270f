#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "runtime/base/json.h"
#include "runtime/data/convert.h"
#include "runtime/data/load.h"
#include "runtime/store/file.h"
#include "tests/support/ml_100k.h"
#include "tests/unit/data_files.h"

namespace rexp::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> list_of(const Column& column, int64_t row) {
  std::vector<std::string> values;
  for (int64_t k = column.list_offsets[row]; k < column.list_offsets[row + 1]; ++k)
    values.emplace_back(column.text(k));
  return values;
}

TEST_F(DataTest, RecboleFilesBecomeTables) {
  Result<Loaded> loaded = read_dataset(recbole());
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  const Dataset& d = loaded->dataset;
  ASSERT_EQ(d.item_count(), 3);
  EXPECT_EQ(d.items.find("id")->text(0), "12") << "items keep the order of their file";
  EXPECT_EQ(d.items.find("title")->text(2), "新世界");
  EXPECT_EQ(d.items.find("year")->integers, (std::vector<int64_t>{1995, 0, 0}));
  EXPECT_EQ(list_of(*d.items.find("category"), 0),
            (std::vector<std::string>{"Animation", "Children's", "Comedy"}));
  EXPECT_TRUE(list_of(*d.items.find("category"), 2).empty());
  ASSERT_EQ(loaded->notes.size(), 1u);
  EXPECT_TRUE(has(loaded->notes[0], {"release_year", "unknown", "default"}));
  EXPECT_EQ(d.users.find("id")->text(0), "u1") << "users in order of first appearance";
  EXPECT_EQ(d.user_offsets, (std::vector<int64_t>{0, 4, 7}));
  EXPECT_EQ(d.event_items(), (std::vector<int64_t>{0, 1, 2, 1, 2, 0, 1}))
      << "by time, ties in file order";
  EXPECT_EQ(d.events.find("at")->integers[0], 2);
  EXPECT_EQ(d.events.find("rating")->reals, (std::vector<double>{1, 3, 5, 4, 4, 2, 2}));
  EXPECT_TRUE(check_leave_one_out(d).ok());
  EXPECT_EQ(d.train_end(0), 2);
}

TEST_F(DataTest, TiesByIdAndShuffled) {
  LoadOptions options = recbole();
  options.ties = Ties::id;
  EXPECT_EQ(read_dataset(options)->dataset.event_items(),
            (std::vector<int64_t>{0, 1, 1, 2, 2, 0, 1}));
  options.ties = Ties::shuffle;
  std::set<std::vector<int64_t>> orders;
  for (options.tie_seed = 0; options.tie_seed < 20; ++options.tie_seed)
    orders.insert(read_dataset(options)->dataset.event_items());
  EXPECT_GT(orders.size(), 1u);
  EXPECT_EQ(read_dataset(options)->dataset.event_items(),
            read_dataset(options)->dataset.event_items());
}

TEST_F(DataTest, AnAbsentColumnNamesTheNearest) {
  LoadOptions options = recbole();
  options.rename.erase("year");
  EXPECT_TRUE(has(failure(options), {"a.item", "no column `year`", "did you mean `release_year`",
                                     "`movie_title`", "`class`"}));
  options = recbole();
  options.files["inter"] =
      file("b.inter", "userid:token\titem_id:token\ttimestamp:float\nu\t10\t1\n");
  EXPECT_TRUE(has(failure(options),
                  {"b.inter", "no column `user_id`", "did you mean `userid`", "`timestamp`"}));
}

TEST_F(DataTest, ShortUsersAreNamedAndCanBeDropped) {
  LoadOptions options = recbole();
  options.files["inter"] = file("b.inter", std::string(kInter) + "u9\t10\t1\t1\nu9\t11\t1\t2\n");
  Result<Loaded> loaded = read_dataset(options);
  ASSERT_TRUE(loaded.ok());
  const Status status = check_leave_one_out(loaded->dataset);
  ASSERT_FALSE(status.ok());
  EXPECT_TRUE(has(to_string(status.error()),
                  {"user `u9` has 2 events", "requires three", "u.events.length >= 3"}));
  const Dataset kept =
      keep_users(loaded->dataset, [](int64_t begin, int64_t end) { return end - begin == 3; });
  EXPECT_EQ(kept.user_count(), 1);
  EXPECT_EQ(kept.users.find("id")->text(0), "u2");
  EXPECT_EQ(kept.events.find("user")->integers, (std::vector<int64_t>{0, 0, 0}));
  EXPECT_EQ(kept.event_items(), (std::vector<int64_t>{2, 0, 1}));
  EXPECT_TRUE(check_leave_one_out(kept).ok());
  EXPECT_FALSE(check_leave_one_out(keep_users(kept, [](int64_t, int64_t) { return false; })).ok());
}

TEST_F(DataTest, SequencesHaveItemsInAscendingOrder) {
  LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "sequences"}};
  options.files = {{"sequences", file("s.txt", "1 10 9 100\n2  9 10\t9\r\n\n")}};
  Result<Loaded> loaded = read_dataset(options);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  const Dataset& d = loaded->dataset;
  EXPECT_EQ(d.items.find("id")->text(0), "9");
  EXPECT_EQ(d.items.find("id")->text(2), "100");
  EXPECT_EQ(d.event_items(), (std::vector<int64_t>{1, 0, 2, 0, 1, 0}));
  EXPECT_EQ(d.events.find("at")->integers, (std::vector<int64_t>{0, 1, 2, 0, 1, 2}));
  options.columns = {{.name = "title", .fallback = {}}};
  EXPECT_TRUE(has(failure(options), {"`title`", "no file of items"}));
}

TEST_F(DataTest, JsonLines) {
  LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "jsonl"}};
  options.files = {{"events", file("e.jsonl",
                                   "{\"user\": 1, \"item\": \"a\", \"at\": 2}\n\n{\"user\": 1, "
                                   "\"item\": \"b\", \"at\": 1.5, \"rating\": 4}\n")},
                   {"items", file("i.jsonl",
                                  "{\"id\": \"a\", \"title\": \"Sci Fi\", \"tags\": [\"x y\", "
                                  "\"z\"]}\n{\"id\": \"b\", \"title\": null, \"year\": 1999}\n")}};
  options.columns = {{.name = "title", .kind = ColumnKind::text, .fallback = {{"untitled"}}},
                     {.name = "tags", .kind = ColumnKind::text_list, .fallback = {}},
                     {.name = "year", .kind = ColumnKind::integer, .fallback = {{"0"}}}};
  const std::string rating = "rating";
  Result<Loaded> loaded = read_dataset(options);
  ASSERT_FALSE(loaded.ok()) << "a number that one line lacks has no value";
  EXPECT_TRUE(has(to_string(loaded.error()), {"e.jsonl:1", "`rating` is empty"}));
  options.columns.push_back(
      {.name = "rating", .kind = ColumnKind::real, .table = "events", .fallback = {{"3.5"}}});
  loaded = read_dataset(options);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  const Dataset& d = loaded->dataset;
  EXPECT_EQ(list_of(*d.items.find("tags"), 0), (std::vector<std::string>{"x y", "z"}));
  EXPECT_EQ(d.items.find("title")->text(1), "untitled");
  EXPECT_EQ(d.items.find("year")->integers, (std::vector<int64_t>{0, 1999}));
  EXPECT_EQ(d.event_items(), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(d.events.find("rating")->reals, (std::vector<double>{4, 3.5}));
  options.files["events"] = file("e.jsonl", "{\"user\": 1, \"item\": \"a\", \"at\": 2}\n[1]\n");
  EXPECT_TRUE(has(failure(options), {"e.jsonl:2", "not a JSON object"}));
  options.files["events"] =
      file("e.jsonl", "{\"user\": {\"id\": 1}, \"item\": \"a\", \"at\": 2}\n");
  EXPECT_TRUE(has(failure(options), {"e.jsonl:1", "`user` is neither"}));
}

TEST_F(DataTest, ToyFilmsAreTheSameForEver) {
  LoadOptions options;
  options.source = {
      {"is", "ToySource"}, {"users", 50}, {"items", 40}, {"seed", 7}, {"language", "zh"}};
  options.columns = {{.name = "title", .fallback = {}},
                     {.name = "year", .kind = ColumnKind::integer, .fallback = {}},
                     {.name = "category", .kind = ColumnKind::text_list, .fallback = {}}};
  Result<Loaded> loaded = read_dataset(options);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  const Dataset& d = loaded->dataset;
  EXPECT_EQ(d.item_count(), 40);
  EXPECT_EQ(d.user_count(), 50);
  EXPECT_TRUE(check_leave_one_out(d).ok());
  std::set<std::string_view> titles;
  for (int64_t i = 0; i < 40; ++i) titles.insert(d.items.find("title")->text(i));
  EXPECT_EQ(titles.size(), 40u);
  int64_t successors = 0;
  for (int64_t user = 0; user < 50; ++user) {
    std::set<int64_t> seen;
    for (int64_t e = d.user_offsets[user]; e < d.user_offsets[user + 1]; ++e) {
      EXPECT_TRUE(seen.insert(d.event_items()[e]).second) << "no film twice";
      successors += e > d.user_offsets[user] && d.event_items()[e] == d.event_items()[e - 1] + 8;
    }
  }
  EXPECT_GT(successors, d.events.rows / 4) << "the next film is learnable";
  EXPECT_EQ(read_dataset(options)->dataset.event_items(), d.event_items());
  options.source = {
      {"is", "ToySource"}, {"users", 3}, {"items", 4}, {"seed", 1}, {"language", "en"}};
  EXPECT_TRUE(read_dataset(options).ok()) << "fewer films than a user could watch";
}

TEST_F(DataTest, BinaryFormsSurviveAndDamageIsSeen) {
  const Dataset d = read_dataset(recbole())->dataset;
  const std::string path = folder_ + "/dataset.bin";
  ASSERT_TRUE(save(d, path).ok());
  Result<Dataset> read = load_dataset(path);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->items.find("title")->bytes, d.items.find("title")->bytes);
  EXPECT_EQ(read->event_items(), d.event_items());
  EXPECT_EQ(read->user_offsets, d.user_offsets);
  EXPECT_EQ(read->items.rows, 3);
  const std::string bytes = *store::read_file(path);
  for (size_t size : {size_t{0}, size_t{20}, size_t{52}, bytes.size() - 1}) {
    ASSERT_TRUE(store::write_file(path, bytes.substr(0, size)).ok());
    Result<Dataset> cut = load_dataset(path);
    ASSERT_FALSE(cut.ok());
    EXPECT_TRUE(has(to_string(cut.error()), {"dataset.bin", "run again"}));
  }
  std::string flipped = bytes;
  flipped[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(store::write_file(path, flipped).ok());
  EXPECT_TRUE(has(to_string(load_dataset(path).error()), {"checksum"}));
  Rows rows{{"a", "b"}, 2, {1, 2, 3, 4}, {*d.items.find("title")}};
  ASSERT_TRUE(save(rows, folder_ + "/rows.bin").ok());
  EXPECT_EQ(load_rows(folder_ + "/rows.bin")->values, rows.values);
  EXPECT_EQ(load_rows(folder_ + "/rows.bin")->pools, rows.pools);
  EXPECT_FALSE(load_dataset(folder_ + "/rows.bin").ok());
}

TEST_F(DataTest, NodeArguments) {
  const auto args = nlohmann::json::parse(
      R"({"source": {"is": "Files", "format": "recbole", "rename": {"year": "release_year"}}, "ties": {"is": "Shuffle", "seed": 9},
    "columns": [{"name": "year", "type": "int", "default": 0}, {"name": "tags", "type": "text_list", "default": []}],
    "event_columns": [{"name": "rating", "type": "float"}], "user_columns": [{"name": "age", "type": "int"}]})");
  Result<LoadOptions> options =
      parse_load_options(args, nlohmann::json::parse(R"({"files": {"inter": "x"}, "hint": "h"})"));
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->ties, Ties::shuffle);
  EXPECT_EQ(options->tie_seed, 9u);
  EXPECT_EQ(options->columns[0].fallback->at(0), "0");
  EXPECT_TRUE(options->columns[1].fallback->empty());
  EXPECT_EQ(options->columns[2].table, "events");
  EXPECT_EQ(options->columns[3].table, "users");
  EXPECT_EQ(parse_load_options(nlohmann::json::object(), {}).error().kind, ErrorKind::internal);
}

TEST_F(DataTest, UserAndEventColumnsAreRead) {
  LoadOptions options = recbole();
  options.files["user"] = file("a.user", "user_id:token\tage:token\nu2\t30\nu1\t41\n");
  options.columns.push_back(
      {.name = "rating", .kind = ColumnKind::integer, .table = "events", .fallback = {}});
  options.columns.push_back(
      {.name = "age", .kind = ColumnKind::integer, .table = "users", .fallback = {}});
  Result<Loaded> loaded = read_dataset(options);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  EXPECT_EQ(loaded->dataset.users.find("age")->integers, (std::vector<int64_t>{41, 30}));
  EXPECT_EQ(loaded->dataset.events.find("rating")->integers,
            (std::vector<int64_t>{1, 3, 5, 4, 4, 2, 2}));
}

TEST_F(DataTest, DerivedColumns) {
  const Dataset d = read_dataset(recbole())->dataset;  // users have 4 and 3 events
  EXPECT_EQ(derived_column(d, "items", "train_count")->integers, (std::vector<int64_t>{1, 1, 1}));
  const std::optional<Column> id = derived_column(d, "events", "window_id");
  EXPECT_EQ(id->text(3), "u1:3");
  EXPECT_EQ(id->text(4), "u2:0");
  EXPECT_FALSE(derived_column(d, "items", "window_id").has_value());
}

TEST_F(DataTest, MovieLens) {
  if (!has_ml_100k()) GTEST_SKIP() << kNoMl100k;
  LoadOptions options = recbole();
  options.files = ml_100k().files;
  options.files["user"] = ml_100k_file("user");
  Result<Loaded> loaded = read_dataset(options);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  const Dataset& d = loaded->dataset;
  EXPECT_EQ(d.user_count(), 943);
  EXPECT_EQ(d.item_count(), 1682);
  EXPECT_EQ(d.events.rows, 100000);
  EXPECT_TRUE(check_leave_one_out(d).ok());
  EXPECT_EQ(d.users.find("occupation")->rows(), 943);
  EXPECT_EQ(loaded->notes.size(), 1u);
}

}  // namespace
}  // namespace rexp::data
