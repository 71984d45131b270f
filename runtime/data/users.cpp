#include <numeric>

#include "runtime/data/load.h"

namespace rexp::data {
namespace {

constexpr int64_t kLeastEvents = 3;  // train, valid, test

Column select(const Column& from, const std::vector<int64_t>& rows) {
  Column column;
  column.name = from.name;
  column.kind = from.kind;
  if (!from.text_offsets.empty()) column.text_offsets = {0};
  if (!from.list_offsets.empty()) column.list_offsets = {0};
  for (int64_t row : rows) {
    switch (from.kind) {
      case ColumnKind::integer: column.integers.push_back(from.integers[row]); break;
      case ColumnKind::real: column.reals.push_back(from.reals[row]); break;
      case ColumnKind::text: column.push_text(from.text(row)); break;
      case ColumnKind::text_list:
        for (int64_t k = from.list_offsets[row]; k < from.list_offsets[row + 1]; ++k)
          column.push_text(from.text(k));
        column.list_offsets.push_back(static_cast<int64_t>(column.text_offsets.size()) - 1);
        break;
    }
  }
  return column;
}

Table select(const Table& from, const std::vector<int64_t>& rows) {
  Table table;
  table.rows = static_cast<int64_t>(rows.size());
  for (const Column& column : from.columns) table.columns.push_back(select(column, rows));
  return table;
}

}  // namespace

Dataset keep_users(const Dataset& dataset, const std::function<bool(int64_t, int64_t)>& keep) {
  std::vector<int64_t> users, events;
  Dataset kept;
  kept.items = dataset.items;
  kept.user_offsets = {0};
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const int64_t begin = dataset.user_offsets[user], end = dataset.user_offsets[user + 1];
    if (!keep(begin, end)) continue;
    users.push_back(user);
    for (int64_t event = begin; event < end; ++event) events.push_back(event);
    kept.user_offsets.push_back(static_cast<int64_t>(events.size()));
  }
  kept.users = select(dataset.users, users);
  kept.events = select(dataset.events, events);
  for (Column& column : kept.events.columns) {
    if (column.name != "user") continue;
    for (size_t user = 0; user < users.size(); ++user) {
      for (int64_t event = kept.user_offsets[user]; event < kept.user_offsets[user + 1]; ++event)
        column.integers[event] = static_cast<int64_t>(user);
    }
  }
  return kept;
}

Status check_leave_one_out(const Dataset& dataset) {
  int64_t first = -1, short_users = 0;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    if (dataset.user_offsets[user + 1] - dataset.user_offsets[user] >= kLeastEvents) continue;
    if (short_users++ == 0) first = user;
  }
  if (dataset.user_count() == 0) return user_error("no user is left", "loosen `keep`");
  if (short_users == 0) return {};
  const int64_t events = dataset.user_offsets[first + 1] - dataset.user_offsets[first];
  std::string message = "user `" + std::string(dataset.users.find("id")->text(first)) + "` has " +
                        std::to_string(events) + (events == 1 ? " event" : " events");
  if (short_users > 1)
    message +=
        ", and " + std::to_string(short_users - 1) +
        (short_users == 2 ? " more user has less than three" : " more users have less than three");
  message += "; leave_one_out requires three each, for train, valid and test";
  return user_error(message, "keep the others with `keep = u => u.events.length >= 3`");
}

}  // namespace rexp::data
