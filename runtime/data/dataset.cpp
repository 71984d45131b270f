#include "runtime/data/dataset.h"

#include <algorithm>

#include "runtime/base/assert.h"

namespace rexp::data {

int64_t Column::rows() const {
  switch (kind) {
    case ColumnKind::integer: return static_cast<int64_t>(integers.size());
    case ColumnKind::real: return static_cast<int64_t>(reals.size());
    case ColumnKind::text:
      return std::max<int64_t>(0, static_cast<int64_t>(text_offsets.size()) - 1);
    case ColumnKind::text_list:
      return std::max<int64_t>(0, static_cast<int64_t>(list_offsets.size()) - 1);
  }
  return 0;
}

std::string_view Column::text(int64_t row) const {
  return std::string_view(bytes).substr(
      static_cast<size_t>(text_offsets[row]),
      static_cast<size_t>(text_offsets[row + 1] - text_offsets[row]));
}

void Column::push_text(std::string_view value) {
  if (text_offsets.empty()) text_offsets.push_back(0);
  bytes += value;
  text_offsets.push_back(static_cast<int64_t>(bytes.size()));
}

const Column* Table::find(std::string_view name) const {
  for (const Column& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

const std::vector<int64_t>& Dataset::event_items() const {
  const Column* column = events.find("item");
  REXP_ASSERT(column != nullptr, "a dataset's events have a column `item`");
  return column->integers;
}

std::vector<int64_t> train_counts(const Dataset& dataset) {
  std::vector<int64_t> counts(static_cast<size_t>(dataset.item_count()));
  const std::vector<int64_t>& items = dataset.event_items();
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (int64_t event = dataset.user_offsets[user]; event < dataset.train_end(user); ++event)
      ++counts[items[event]];
  }
  return counts;
}

std::optional<Column> derived_column(const Dataset& dataset, std::string_view table,
                                     std::string_view column) {
  Column out;
  out.name = column;
  if (table == "items" && column == "train_count") {
    out.integers = train_counts(dataset);
    return out;
  }
  if (table != "events" || column != "window_id") return std::nullopt;
  out.kind = ColumnKind::text;
  const Column* ids = dataset.users.find("id");
  REXP_ASSERT(ids != nullptr, "a dataset's users have a column `id`");
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (int64_t event = dataset.user_offsets[user]; event < dataset.user_offsets[user + 1];
         ++event) {
      out.push_text(std::string(ids->text(user)) + ":" +
                    std::to_string(event - dataset.user_offsets[user]));
    }
  }
  return out;
}

const Column* Rows::pool(std::string_view name) const {
  for (const Column& column : pools) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

void Rows::add(const int64_t* from, size_t size, std::initializer_list<int64_t> extra) {
  REXP_ASSERT(size + extra.size() == columns.size(), "a row has a value for every column");
  values.insert(values.end(), from, from + size);
  values.insert(values.end(), extra);
  ++count;
}

int Rows::column(std::string_view name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace rexp::data
