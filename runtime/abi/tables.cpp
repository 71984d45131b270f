#include "runtime/abi/tables.h"

namespace rexp::abi {

std::unique_ptr<SidIds> sid_ids(const codebook::Codebook& codebook, int32_t first_id) {
  auto out = std::make_unique<SidIds>();
  const int32_t flat = codebook.flat_count();
  const int32_t open = codebook.open ? first_id + flat : -1;
  const int32_t close = codebook.close ? first_id + flat + (codebook.open ? 1 : 0) : -1;
  if (open >= 0) out->levels.push_back(0);
  for (int level = 1; level <= codebook.depth(); ++level)
    out->levels.push_back(static_cast<uint8_t>(level));
  if (close >= 0) out->levels.push_back(0);
  for (const auto& codes : codebook.codes) {
    if (open >= 0) out->ids.push_back(open);
    for (int level = 0; level < codebook.depth(); ++level) {
      out->ids.push_back(first_id + codebook.level_offset(level) + codes[level]);
    }
    if (close >= 0) out->ids.push_back(close);
  }
  const auto width = static_cast<int32_t>(out->levels.size());
  out->ids.resize(out->ids.size() + REXP_SID_ROOM);
  out->levels.resize(out->levels.size() + REXP_SID_ROOM);
  out->table = {static_cast<int64_t>(codebook.codes.size()), width, out->ids.data(),
                out->levels.data()};
  return out;
}

RexpColumn column_view(const data::Column& column) {
  RexpColumn out{};
  out.rows = column.rows();
  switch (column.kind) {
    case data::ColumnKind::integer:
      out.kind = REXP_COLUMN_INT;
      out.data = column.integers.data();
      break;
    case data::ColumnKind::real:
      out.kind = REXP_COLUMN_FLOAT;
      out.data = column.reals.data();
      break;
    case data::ColumnKind::text:
      out.kind = REXP_COLUMN_TEXT;
      out.data = column.bytes.data();
      break;
    case data::ColumnKind::text_list:
      out.kind = REXP_COLUMN_TEXT_LIST;
      out.data = column.bytes.data();
      break;
  }
  out.text_offsets = column.text_offsets.data();
  out.list_offsets = column.list_offsets.data();
  return out;
}

const data::Column* find_column(const data::Dataset& dataset, std::string_view table,
                                std::string_view column) {
  const data::Table* found = table == "items"    ? &dataset.items
                             : table == "events" ? &dataset.events
                             : table == "users"  ? &dataset.users
                                                 : nullptr;
  return found ? found->find(column) : nullptr;
}

}  // namespace rexp::abi
