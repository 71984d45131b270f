#include "runtime/abi/tables.h"

namespace rexp::abi {

std::unique_ptr<SidIds> sid_ids(const codebook::Codebook& codebook, const codebook::TokenIds& ids) {
  auto out = std::make_unique<SidIds>();
  const auto flat = static_cast<size_t>(codebook.flat_count());
  const int32_t open = codebook.open ? ids[flat] : -1;
  const int32_t close = codebook.close ? ids[flat + (codebook.open ? 1 : 0)] : -1;
  if (open >= 0) out->levels.push_back(0);
  for (int level = 1; level <= codebook.depth(); ++level)
    out->levels.push_back(static_cast<uint8_t>(level));
  if (close >= 0) out->levels.push_back(0);
  for (const auto& codes : codebook.codes) {
    if (open >= 0) out->ids.push_back(open);
    for (int level = 0; level < codebook.depth(); ++level) {
      out->ids.push_back(ids[static_cast<size_t>(codebook.level_offset(level) + codes[level])]);
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

Result<std::optional<codebook::TokenIds>> tokens_in(const text::Tokenizer& tokenizer,
                                                    const codebook::Codebook& codebook) {
  const std::vector<std::string> texts = codebook.tokens();
  const std::vector<bool> used = codebook.used();
  codebook::TokenIds ids;
  size_t found = 0, missing = texts.size();
  for (size_t place = 0; place < texts.size(); ++place) {
    ids.push_back(tokenizer.added(texts[place]).value_or(-1));
    if (ids.back() >= 0) ++found;
    if (ids.back() < 0 && used[place]) missing = place;
  }
  if (found == 0) return std::optional<codebook::TokenIds>();
  if (missing == texts.size()) return std::optional(std::move(ids));
  return user_error("the tokenizer has " + std::to_string(found) + " of the tokens of codebook `" +
                        codebook.name + "`, but not `" + texts[missing] + "`, which its items need",
                    "use the codebook that the model was trained with, or name its tokens "
                    "differently: `surface = n => \"<|" +
                        codebook.name + "_${n}|>\"`");
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
