#include "runtime/data/load.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include "runtime/base/random.h"
#include "runtime/base/registry.h"
#include "runtime/data/convert.h"
#include "runtime/data/source.h"

namespace rexp::data {
namespace {

using Index = std::unordered_map<std::string_view, int64_t>;

std::vector<int64_t> identity(int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Error empty_id(const RawTable& raw, int64_t row, int column) {
  return file_error(raw.file, raw.line(row),
                    "`" + raw.columns[column].name + "` is empty, it must name something",
                    "mend the line, or remove it");
}

/// What the source gives, by the function that reads it.
template <class Tables>
Result<Tables> read_source(const LoadOptions& options,
                           Result<Tables> (*Source::*read)(const SourceInput&)) {
  Result<const Source*> source = Registry<Source>::find(options.source);
  if (!source.ok()) return source.error();
  if ((*source)->*read == nullptr)
    return user_error("this data source has no table of rows", "give rows as JSON Lines or CSV");
  return ((*source)->*read)({options.source, options.files, options.hint});
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {}

  Result<Loaded> run() {
    Result<RawTables> raw = read_source(options_, &Source::interactions);
    if (!raw.ok()) return raw.error();
    raw_ = std::move(*raw);
    if (raw_.events.rows() == 0)
      return file_error(raw_.events.file, 0, "there are no events",
                        "the file must hold at least one");
    Result<int> user = role(raw_.events, "user", {"user_id", "user"});
    if (!user.ok()) return user.error();
    Result<int> item = role(raw_.events, "item", {"item_id", "item"});
    if (!item.ok()) return item.error();
    Result<int> at = role(raw_.events, "at", {"timestamp", "at", "time"});
    if (!at.ok()) return at.error();
    REXP_TRY(build_items(*item));
    REXP_TRY(build_events(*user, *item, *at));
    REXP_TRY(build_users());
    return Loaded{std::move(dataset_), std::move(notes_)};
  }

  Result<Table> run_table(const std::string& key, std::vector<std::string>* notes) {
    Result<RawTable> raw = read_source(options_, &Source::table);
    if (!raw.ok()) return raw.error();
    raw_.items = std::move(*raw);
    REXP_TRY(build_keyed(key, {key.c_str()}));
    *notes = std::move(notes_);
    Table table = std::move(dataset_.items);
    // a key that is wished with a type of its own takes the place of its text
    for (size_t i = 1; i < table.columns.size(); ++i) {
      if (table.columns[i].name != key) continue;
      table.columns[0] = std::move(table.columns[i]);
      table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return table;
  }

 private:
  /// The column that plays a part: the renamed one, else the first of the customary names that is
  /// there.
  Result<int> role(const RawTable& table, const std::string& ours,
                   std::initializer_list<const char*> customary) const {
    const auto renamed = options_.rename.find(ours);
    if (renamed != options_.rename.end()) return require_column(table, renamed->second);
    for (const char* name : customary) {
      if (const int found = table.find(name); found >= 0) return found;
    }
    return require_column(table, *customary.begin());
  }

  /// The columns of `name` that were asked for, or all but those that play a part.
  Result<std::vector<ColumnPlan>> plan(const RawTable& table, const std::string& name,
                                       const std::vector<int>& parts) const {
    std::vector<ColumnPlan> plans;
    for (const ColumnWish& wish : options_.columns) {
      if (wish.table != name) continue;
      const auto renamed = options_.rename.find(wish.name);
      Result<int> source =
          require_column(table, renamed == options_.rename.end() ? wish.name : renamed->second);
      if (!source.ok()) return source.error();
      plans.push_back({wish.name, *source, wish.kind, wish.fallback});
    }
    if (!plans.empty()) return plans;
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (std::find(parts.begin(), parts.end(), static_cast<int>(i)) != parts.end()) continue;
      plans.push_back({our_name(table.columns[i].name), static_cast<int>(i),
                       natural_kind(table.columns[i].kind), std::nullopt});
    }
    return plans;
  }

  std::string our_name(const std::string& theirs) const {
    for (const auto& [ours, file] : options_.rename) {
      if (file == theirs) return ours;
    }
    return theirs;
  }

  Status add_columns(Table& into, const RawTable& from, const std::string& name,
                     const std::vector<int>& parts, const std::vector<int64_t>& order) {
    Result<std::vector<ColumnPlan>> plans = plan(from, name, parts);
    if (!plans.ok()) return plans.error();
    for (const ColumnPlan& column_plan : *plans) {
      Result<Column> column = convert(from, column_plan, order, &notes_);
      if (!column.ok()) return column.error();
      into.columns.push_back(std::move(*column));
    }
    return {};
  }

  Status refuse_wishes(const std::string& table) const {
    for (const ColumnWish& wish : options_.columns) {
      if (wish.table == table)
        return user_error("the column `" + wish.name + "` is asked of the " + table +
                              ", and the data source has no file of " + table,
                          "give the source a file of " + table);
    }
    return {};
  }

  Status build_items(int event_item) {
    if (!raw_.items) {
      Column id;
      id.name = "id";
      id.kind = ColumnKind::text;
      REXP_TRY(refuse_wishes("items"));
      for (std::string_view text : ids_of_events(event_item)) {
        item_index_.emplace(text, id.rows());
        id.push_text(text);
      }
      dataset_.items.rows = id.rows();
      dataset_.items.columns.push_back(std::move(id));
      return {};
    }
    if (raw_.items->rows() == 0)
      return file_error(raw_.items->file, 0, "the catalogue is empty",
                        "the file must hold at least one item");
    return build_keyed("id", {"item_id", "id", "item"});
  }

  /// The table of items, or of one's own rows: a text column that tells its rows apart, then what was wished.
  Status build_keyed(const std::string& name, std::initializer_list<const char*> customary) {
    const RawTable& raw = *raw_.items;
    if (raw.rows() == 0)
      return file_error(raw.file, 0, "there are no rows", "the file must hold at least one");
    Result<int> key = role(raw, name, customary);
    if (!key.ok()) return key.error();
    Column id;
    id.name = name;
    id.kind = ColumnKind::text;
    for (int64_t row = 0; row < raw.rows(); ++row) {
      const std::string_view text = raw.cell(row, *key);
      if (text.empty()) return empty_id(raw, row, *key);
      const auto [first, fresh] = item_index_.emplace(text, row);
      if (!fresh) {
        return file_error(raw.file, raw.line(row),
                          "`" + std::string(text) + "` is already on line " +
                              std::to_string(raw.line(first->second)),
                          "remove one of the two");
      }
      id.push_text(text);
    }
    dataset_.items.rows = raw.rows();
    dataset_.items.columns.push_back(std::move(id));
    return add_columns(dataset_.items, raw, "items", {*key}, identity(raw.rows()));
  }

  /// Distinct item ids of the events, ascending: by value where all are whole numbers, else by
  /// their bytes.
  std::vector<std::string_view> ids_of_events(int event_item) const {
    std::vector<std::string_view> ids;
    Index seen;
    for (int64_t row = 0; row < raw_.events.rows(); ++row) {
      const std::string_view text = raw_.events.cell(row, event_item);
      if (seen.emplace(text, 0).second) ids.push_back(text);
    }
    const bool numeric = std::all_of(
        ids.begin(), ids.end(), [](std::string_view t) { return parse_integer(t).has_value(); });
    std::sort(ids.begin(), ids.end(), [&](std::string_view a, std::string_view b) {
      const int64_t x = numeric ? *parse_integer(a) : 0, y = numeric ? *parse_integer(b) : 0;
      return x != y ? x < y : a < b;
    });
    return ids;
  }

  /// What the order of events is made of.
  struct Stamp {
    int64_t user = 0, item = 0;
    int64_t at = 0;
    double fraction = 0;
    uint64_t tie = 0;
  };

  Result<std::vector<Stamp>> stamp_events(int user, int item, int at) {
    const RawTable& raw = raw_.events;
    std::vector<Stamp> stamps(static_cast<size_t>(raw.rows()));
    const uint64_t tie_stream = stream(options_.tie_seed, "ties");
    for (int64_t row = 0; row < raw.rows(); ++row) {
      Stamp& stamp = stamps[row];
      const std::string_view user_id = raw.cell(row, user), item_id = raw.cell(row, item),
                             time = raw.cell(row, at);
      if (user_id.empty() || item_id.empty())
        return empty_id(raw, row, user_id.empty() ? user : item);
      const auto known = item_index_.find(item_id);
      if (known == item_index_.end()) {
        return file_error(raw.file, raw.line(row),
                          "the event is of item `" + std::string(item_id) + "`, which " +
                              raw_.items->file + " lacks",
                          "add the item there, or remove its events");
      }
      stamp.item = known->second;
      const auto [place, fresh] =
          user_index_.emplace(user_id, static_cast<int64_t>(user_ids_.size()));
      if (fresh) user_ids_.push_back(user_id);
      stamp.user = place->second;
      const std::optional<int64_t> whole = parse_integer(time);
      const std::optional<double> real = whole ? std::nullopt : parse_real(time);
      if (!whole && (!real || std::abs(*real) >= 0x1.0p63)) {
        return file_error(raw.file, raw.line(row),
                          "the time `" + std::string(time) + "` in `" + raw.columns[at].name +
                              "` is not a number",
                          "times are seconds since 1970, or any other growing number");
      }
      stamp.at = whole ? *whole : static_cast<int64_t>(std::floor(*real));
      stamp.fraction = whole ? 0 : *real - std::floor(*real);
      if (options_.ties == Ties::id) stamp.tie = static_cast<uint64_t>(stamp.item);
      if (options_.ties == Ties::shuffle) stamp.tie = stream(stream(tie_stream, user_id), item_id);
    }
    return stamps;
  }

  Status build_events(int user, int item, int at) {
    Result<std::vector<Stamp>> stamped = stamp_events(user, item, at);
    if (!stamped.ok()) return stamped.error();
    const std::vector<Stamp>& stamps = *stamped;
    std::vector<int64_t> order = identity(static_cast<int64_t>(stamps.size()));
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      const Stamp &x = stamps[a], &y = stamps[b];
      return std::tie(x.user, x.at, x.fraction, x.tie) < std::tie(y.user, y.at, y.fraction, y.tie);
    });
    dataset_.events.rows = static_cast<int64_t>(order.size());
    dataset_.user_offsets.assign(user_ids_.size() + 1, 0);
    for (const char* name : {"user", "item", "at"}) {
      Column column;
      column.name = name;
      for (int64_t row : order) {
        const Stamp& stamp = stamps[row];
        column.integers.push_back(*name == 'u' ? stamp.user : *name == 'i' ? stamp.item : stamp.at);
      }
      dataset_.events.columns.push_back(std::move(column));
    }
    for (const Stamp& stamp : stamps) ++dataset_.user_offsets[stamp.user + 1];
    std::partial_sum(dataset_.user_offsets.begin(), dataset_.user_offsets.end(),
                     dataset_.user_offsets.begin());
    return add_columns(dataset_.events, raw_.events, "events", {user, item, at}, order);
  }

  Status build_users() {
    Column id;
    id.name = "id";
    id.kind = ColumnKind::text;
    for (std::string_view text : user_ids_) id.push_text(text);
    dataset_.users.rows = id.rows();
    dataset_.users.columns.push_back(std::move(id));
    if (!raw_.users) return refuse_wishes("users");
    const RawTable& raw = *raw_.users;
    Result<int> key = role(raw, "id", {"user_id", "id", "user"});
    if (!key.ok()) return key.error();
    std::vector<int64_t> order(user_ids_.size(), -1);
    for (int64_t row = 0; row < raw.rows(); ++row) {
      const auto found = user_index_.find(raw.cell(row, *key));
      if (found != user_index_.end()) order[found->second] = row;
    }
    const auto absent = std::find(order.begin(), order.end(), -1);
    if (absent != order.end()) {
      return file_error(raw.file, 0,
                        "user `" + std::string(user_ids_[absent - order.begin()]) +
                            "` has events and no row in this file",
                        "add the user, or leave the file of users out");
    }
    return add_columns(dataset_.users, raw, "users", {*key}, order);
  }

  const LoadOptions& options_;
  RawTables raw_;
  Index item_index_, user_index_;
  std::vector<std::string_view> user_ids_;
  Dataset dataset_;
  std::vector<std::string> notes_;
};

}  // namespace

Result<Loaded> read_dataset(const LoadOptions& options) { return Loader(options).run(); }

Result<Table> read_table(const LoadOptions& options, const std::string& key,
                         std::vector<std::string>* notes) {
  return Loader(options).run_table(key, notes);
}

}  // namespace rexp::data
