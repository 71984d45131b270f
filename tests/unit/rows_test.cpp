// Every operation on rows, over a dataset of seven events.
#include "runtime/data/rows.h"
#include "runtime/base/json.h"

#include <gtest/gtest.h>

#include <map>

namespace rexp::data {
namespace {

using Json = nlohmann::json;
using Values = std::vector<int64_t>;

Column integers(const std::string& name, std::vector<int64_t> values) {
  Column column;
  column.name = name;
  column.integers = std::move(values);
  return column;
}

Column texts(const std::string& name, const std::vector<std::string>& values) {
  Column column;
  column.name = name;
  column.kind = ColumnKind::text;
  for (const std::string& value : values) column.push_text(value);
  return column;
}

/// Users u and v with `events` events each of items 0, 1, 2, 0, ..
Dataset dataset_of(std::vector<int64_t> events) {
  Dataset d;
  d.items = {{texts("id", {"a", "b", "c"})}, 3};
  d.users = {{texts("id", {"u", "v"})}, 2};
  Values users, items;
  d.user_offsets = {0};
  for (size_t user = 0; user < events.size(); ++user) {
    for (int64_t e = 0; e < events[user]; ++e) {
      users.push_back(static_cast<int64_t>(user));
      items.push_back(e % 3);
    }
    d.user_offsets.push_back(static_cast<int64_t>(users.size()));
  }
  const auto rows = static_cast<int64_t>(users.size());
  d.events = {{integers("user", users), integers("item", items), integers("at", Values(rows))},
              rows};
  return d;
}

struct Answer {
  int64_t value = 0;
  std::string text;
};

class Fake : public RowsInput {
 public:
  explicit Fake(std::vector<int64_t> events = {4, 3})
      : dataset_(std::make_shared<const Dataset>(dataset_of(std::move(events)))) {}

  Result<std::shared_ptr<const Dataset>> dataset(int64_t) override { return dataset_; }
  Result<Rows> rows(int64_t input) override { return made.at(input); }
  Result<Table> table(int64_t input) override { return tables.at(input); }
  Result<RowFunction> function(int64_t, const Rows& rows) override {
    const size_t width = rows.columns.size();
    return RowFunction([this, width](const int64_t* row) -> Result<RowAnswer> {
      last_ = kernel(Values(row, row + width));
      return RowAnswer{last_.value, last_.text};
    });
  }
  uint64_t stream() const override { return 7; }
  void note(std::string text) override { notes += text + "\n"; }

  Rows run(const std::string& args) {
    Result<Rows> rows = make_rows(Json::parse(args), *this);
    EXPECT_TRUE(rows.ok()) << to_string(rows.error());
    return rows.ok() ? *rows : Rows();
  }
  std::string failure(const std::string& args) {
    Result<Rows> rows = make_rows(Json::parse(args), *this);
    EXPECT_FALSE(rows.ok());
    if (rows.ok()) return "";
    EXPECT_EQ(rows.error().kind, ErrorKind::user);
    EXPECT_NE(rows.error().help, "");
    return rows.error().message;
  }

  std::map<int64_t, Rows> made;
  std::map<int64_t, Table> tables;
  std::function<Answer(const Values& row)> kernel;
  std::string notes;

 private:
  std::shared_ptr<const Dataset> dataset_;
  Answer last_;
};

std::string windows(const std::string& part, const std::string& more = "") {
  return R"({"is": "windows", "part": {"input": 0, "part": ")" + part + "\"}" + more + "}";
}

TEST(Rows, Windows) {
  Fake in;
  EXPECT_EQ(in.run(windows("train")).values, (Values{0, 0, 1, 1}));
  EXPECT_EQ(in.run(windows("train", R"(, "min": 0)")).values,
            (Values{0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 4, 4}));
  EXPECT_EQ(in.run(windows("valid")).values, (Values{0, 0, 2, 2, 1, 4, 5, 5}));
  EXPECT_EQ(in.run(windows("test")).values, (Values{0, 0, 3, 3, 1, 4, 6, 6}))
      << "test sees the valid event";
  EXPECT_EQ(in.run(windows("test", R"(, "max": 2)")).values, (Values{0, 1, 3, 3, 1, 4, 6, 6}));
  EXPECT_EQ(in.run(windows("test", R"(, "min": 3, "max": null)")).values, (Values{0, 0, 3, 3}));
  EXPECT_EQ(in.run(windows("test")).column("next"), 3);
  EXPECT_FALSE(make_rows(Json::parse(windows("train", R"(, "max": 0)")), in).ok());
}

TEST(Rows, SequencesAreCutFromTheNewest) {
  Fake in({7, 3});
  const std::string part = R"("part": {"input": 0, "part": "train"})";
  EXPECT_EQ(in.run(R"({"is": "sequences", "max": 2, )" + part + "}").values,
            (Values{0, 0, 1, 0, 1, 3, 0, 3, 5, 1, 7, 8}));
  EXPECT_EQ(in.run(R"({"is": "sequences", )" + part + "}").values, (Values{0, 0, 5, 1, 7, 8}));
}

TEST(Rows, ItemsAndUsers) {
  Fake in;
  EXPECT_EQ(in.run(R"({"is": "items"})").values, (Values{0, 1, 2}));
  const Rows users = in.run(R"({"is": "users"})");
  EXPECT_EQ(users.columns, (std::vector<std::string>{"user", "events_begin", "events_end"}));
  EXPECT_EQ(users.values, (Values{0, 0, 2, 1, 4, 5}));
}

TEST(Rows, AheadStaysInItsPart) {
  Fake in({7, 3});
  in.made[1] = in.run(windows("train"));  // next = 1, 2, 3, 4 of user 0; train ends before 5
  const Rows rows = in.run(R"({"is": "ahead", "n": 3, "rows": {"input": 1}})");
  EXPECT_EQ(rows.columns.back(), "later");
  EXPECT_EQ(rows.values, (Values{0, 0, 1, 1, 3, 0, 0, 2, 2, 4}));
  in.made[1] = rows;
  EXPECT_NE(in.failure(R"({"is": "ahead", "n": 2, "rows": {"input": 1}})"), "");
  in.made[1] = in.run(windows("test"));
  EXPECT_NE(in.failure(R"({"is": "ahead", "n": 2, "rows": {"input": 1}})").find("no row is left"),
            std::string::npos);
}

TEST(Rows, WhereKeepsRowsOfAnyShape) {
  Fake in;
  in.made[1] = in.run(windows("test"));
  in.kernel = [](const Values& row) { return Answer{row[0] == 1, ""}; };
  EXPECT_EQ(in.run(R"({"is": "where", "rows": {"input": 1}, "each": {"kernel": 0}})").values,
            (Values{1, 4, 6, 6}));
  EXPECT_NE(in.notes.find("1 of 2 rows kept"), std::string::npos);
  in.kernel = [](const Values&) { return Answer{}; };
  EXPECT_NE(in.failure(R"({"is": "where", "rows": {"input": 1}, "each": {"kernel": 0}})"), "");
}

TEST(Rows, SampleDrawsWithoutReplacementInTheOldOrder) {
  Fake in;
  Rows rows;
  rows.columns = {"item"};
  for (int64_t i = 0; i < 1000; ++i) rows.add(&i, 1);
  in.made[0] = rows;
  const Rows some = in.run(R"({"is": "sample", "rows": {"input": 0}, "n": 100})");
  EXPECT_EQ(some.count, 100);
  EXPECT_TRUE(std::is_sorted(some.values.begin(), some.values.end()));
  EXPECT_EQ(std::adjacent_find(some.values.begin(), some.values.end()), some.values.end());
  int64_t sum = 0;
  for (const int64_t value : some.values) sum += value;
  EXPECT_NEAR(static_cast<double>(sum) / 100, 500, 100);
  EXPECT_EQ(in.run(R"({"is": "sample", "rows": {"input": 0}, "n": 5000})").count, 1000);
  EXPECT_NE(in.notes.find("asks for 5000 rows"), std::string::npos);
}

TEST(Rows, ConcatTakesRowsOfOneKind) {
  Fake in;
  in.made[0] = in.run(R"({"is": "items"})");
  in.made[1] = in.run(R"({"is": "users"})");
  EXPECT_EQ(in.run(R"({"is": "concat", "rows": [{"input": 0}, {"input": 0}]})").values,
            (Values{0, 1, 2, 0, 1, 2}));
  EXPECT_NE(in.failure(R"({"is": "concat", "rows": [{"input": 0}, {"input": 1}]})")
                .find("rows of user, events_begin, events_end cannot follow rows of item"),
            std::string::npos);
}

TEST(Rows, GroupsKeepTheOrderOfTheCatalogue) {
  Fake in;
  in.made[1] = in.run(R"({"is": "items"})");
  in.kernel = [](const Values& row) {
    return Answer{0, row[0] == 0 ? "drama\ncomedy" : row[0] == 1 ? "" : "comedy\nwar\ncomedy"};
  };
  const Rows rows = in.run(R"({"is": "group", "rows": {"input": 1}, "by": {"kernel": 0}})");
  EXPECT_EQ(rows.columns, (std::vector<std::string>{"group", "items_begin", "items_end"}));
  EXPECT_EQ(rows.values, (Values{0, 0, 1, 1, 1, 3, 2, 3, 4}));
  EXPECT_EQ(rows.pool("name")->text(1), "comedy");
  EXPECT_EQ(rows.pool("items")->integers, (Values{0, 0, 2, 2}));
  EXPECT_NE(in.notes.find("1 items belong to no group"), std::string::npos);
  in.made[1] = rows;
  in.kernel = [](const Values& row) { return Answer{row[2] - row[1] > 1, ""}; };
  const Rows large = in.run(R"({"is": "where", "rows": {"input": 1}, "each": {"kernel": 0}})");
  EXPECT_EQ(large.values, (Values{1, 1, 3}));
  EXPECT_EQ(large.pools, rows.pools) << "what is left still points into the pools";
}

TEST(Rows, PairsAreOrderedAndLimited) {
  Fake in;
  in.made[0] = in.run(R"({"is": "items"})");
  const Rows rows = in.run(R"({"is": "pairs", "rows": {"input": 0}})");
  EXPECT_EQ(rows.columns, (std::vector<std::string>{"a_item", "b_item"}));
  EXPECT_EQ(rows.values, (Values{0, 1, 0, 2, 1, 0, 1, 2, 2, 0, 2, 1}));
  Rows many;
  many.columns = {"item"};
  for (int64_t i = 0; i < 2001; ++i) many.add(&i, 1);
  in.made[0] = many;
  EXPECT_NE(in.failure(R"({"is": "pairs", "rows": {"input": 0}})").find("2001 x 2000 pairs"),
            std::string::npos);
}

TEST(Rows, JoinFindsPartnersByTheTablesKey) {
  Fake in;
  const std::string args =
      R"({"is": "join", "rows": {"input": 1}, "other": {"input": 2}, "on": {"kernel": 0}})";
  in.made[1] = in.run(windows("test"));
  in.tables[2] = {{texts("id", {"v:2", "w:1", "v:3"})}, 3};
  in.kernel = [](const Values& row) {
    return Answer{0, std::string(row[0] == 0 ? "u" : "v") + ":2"};
  };
  const Rows rows = in.run(args);
  EXPECT_EQ(rows.columns.back(), "other");
  EXPECT_EQ(rows.values, (Values{1, 4, 6, 6, 0}));
  EXPECT_NE(in.notes.find("1 of 2 rows have no partner"), std::string::npos);
  in.tables[2] = {{integers("id", {9, 6})}, 2};
  in.kernel = [](const Values& row) { return Answer{row[3], ""}; };
  EXPECT_EQ(in.run(args).values, (Values{1, 4, 6, 6, 1}));
  in.tables[2] = {{integers("id", {9, 6, 9})}, 3};
  EXPECT_NE(in.failure(args).find("the key `9` stands in rows 1 and 3"), std::string::npos);
}

}  // namespace
}  // namespace rexp::data
