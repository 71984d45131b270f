// A dataset as the rest of the runtime sees it: three columnar tables and the split.
//
//   items   row = item index (0..N-1), in the order of the item file, or of ascending id where
//   there is none users   row = user index, in order of first appearance events  sorted by user,
//   then by time (ties as the loader was told); columns "user", "item" (indices), "at", then the
//   file's own
//
// Leave-one-out: a user's last event is test, the one before it valid, the rest train.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::data {

enum class ColumnKind : uint8_t { integer, real, text, text_list };

struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::integer;
  std::vector<int64_t> integers;
  std::vector<double> reals;
  std::string bytes;                  // text: all values one after another
  std::vector<int64_t> text_offsets;  // text, text_list
  std::vector<int64_t> list_offsets;  // text_list
  int64_t rows() const;
  std::string_view text(int64_t row) const;  // of a text column
  void push_text(std::string_view value);
  bool operator==(const Column&) const = default;
};

struct Table {
  std::vector<Column> columns;
  int64_t rows = 0;
  const Column* find(std::string_view name) const;
};

struct Dataset {
  Table items;  // has a text column "id": the id as the file wrote it
  Table users;  // has a text column "id"
  Table events;
  std::vector<int64_t> user_offsets;  // events of user u are [user_offsets[u], user_offsets[u + 1])

  int64_t item_count() const { return items.rows; }
  int64_t user_count() const { return users.rows; }
  const std::vector<int64_t>& event_items() const;  // the "item" column
  int64_t train_end(int64_t user) const { return user_offsets[user + 1] - 2; }
  int64_t valid_event(int64_t user) const { return user_offsets[user + 1] - 2; }
  int64_t test_event(int64_t user) const { return user_offsets[user + 1] - 1; }
};

/// Train events of every item.
std::vector<int64_t> train_counts(const Dataset& dataset);

/// An item's train events as an integer column "train_count"; an event's row in its user's events,
/// "<user id>:<place from 0>", as a text column "window_id". Nothing for other names.
std::optional<Column> derived_column(const Dataset& dataset, std::string_view table,
                                     std::string_view column);

/// Rows that a task or a protocol reads: named int64 columns, row-major. `pools` are columns of
/// other lengths that the rows point into: the names of groups, the items of all groups.
struct Rows {
  std::vector<std::string> columns;
  int64_t count = 0;
  std::vector<int64_t> values;  // [count, columns.size()]
  std::vector<Column> pools;
  const int64_t* row(int64_t i) const {
    return values.data() + i * static_cast<int64_t>(columns.size());
  }
  int column(std::string_view name) const;  // -1 when absent
  const Column* pool(std::string_view name) const;
  /// Appends a row; `extra` are values of columns behind those of `from`.
  void add(const int64_t* from, size_t size, std::initializer_list<int64_t> extra = {});
};

// Binary forms, little endian, with a magic number, a version and a checksum; a truncated file is
// an error that names it.
Status save(const Dataset& dataset, const std::string& path);
Result<Dataset> load_dataset(const std::string& path);
Status save(const Rows& rows, const std::string& path);
Result<Rows> load_rows(const std::string& path);
Status save(const Table& table, const std::string& path);
Result<Table> load_table(const std::string& path);

}  // namespace rexp::data
