// From files to a Dataset: readers, types, order of events, the checks that a split needs.
//
//   LoadOptions options;
//   options.source = {{"is", "Files"}, {"format", "recbole"}};
//   options.files = {{"inter", "ml-100k.inter"}, {"item", "ml-100k.item"}};
//   options.rename = {{"title", "movie_title"}};
//   options.columns = {{.name = "title", .kind = ColumnKind::text}};
//   Result<Loaded> loaded = read_dataset(options);
//   Dataset kept = keep_users(loaded->dataset, [&](int64_t begin, int64_t end) { return end - begin
//   >= 3; }); REXP_TRY(check_leave_one_out(kept));
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/data/dataset.h"

namespace rexp::data {

/// The order of a user's events that carry the same time.
/// file: as in the file (published tables) · id: by item index · shuffle: by a hash of seed, user
/// and item, whatever the file's order.
enum class Ties : uint8_t { file, id, shuffle };

struct ColumnWish {
  std::string name;
  ColumnKind kind = ColumnKind::text;
  std::string table = "items";  // "items", "users", "events"
  std::optional<std::vector<std::string>>
      fallback;  // for missing values: one value, or the values of a list
};

struct LoadOptions {
  nlohmann::json source;  // a component of base Source (source.h)
  std::map<std::string, std::string> files;
  std::map<std::string, std::string>
      rename;                       // our name -> the file's, also for "id", "user", "item", "at"
  std::vector<ColumnWish> columns;  // a table without a wish gives all columns of its file
  Ties ties = Ties::file;
  uint64_t tie_seed = 0;
  std::string hint;  // help for a missing file: the command that gets it
};

struct Loaded {
  Dataset dataset;
  std::vector<std::string> notes;  // what a reader of the report should know
};

/// The arguments of a `load` or a `table` node (runtime/abi/README.md) and the places of its files.
/// Errors are internal: the compiler wrote them.
Result<LoadOptions> parse_load_options(const nlohmann::json& args, const nlohmann::json& site);

/// All users. Without an item file the items are the events' ids in ascending order (numbers by
/// value). Times are whole seconds in the table; fractions still count for the order. Errors:
/// unreadable files and values, absent columns, an item twice in the item file, an event of an
/// unknown item, no items, no events.
Result<Loaded> read_dataset(const LoadOptions& options);

/// Rows of one's own: the source's only file as the column `key`, a text unless wished otherwise,
/// and the wished columns of "items". Errors: as above; no rows, a key twice.
Result<Table> read_table(const LoadOptions& options, const std::string& key,
                         std::vector<std::string>* notes);

/// The users for whom `keep(begin of their events, end)` holds, renumbered; items stay.
Dataset keep_users(const Dataset& dataset, const std::function<bool(int64_t, int64_t)>& keep);

/// A user error unless there is a user and every one has three events: for train, valid and test.
Status check_leave_one_out(const Dataset& dataset);

}  // namespace rexp::data
