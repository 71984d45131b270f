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

int Rows::column(std::string_view name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace rexp::data
