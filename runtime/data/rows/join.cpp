// join {rows, other, on}: rows with the row of a table beside them, column `other`. The function gives a row's key, of the kind
// that the table's key has; rows without a partner are left out.
#include <string>
#include <unordered_map>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

/// Row of the table for every key, spelt as a text.
using Keys = std::unordered_map<std::string, int64_t>;

Result<Keys> read_keys(const Column& key) {
  Keys keys;
  for (int64_t row = 0; row < key.rows(); ++row) {
    const std::string text = key.kind == ColumnKind::integer ? std::to_string(key.integers[row])
                                                             : std::string(key.text(row));
    const auto [first, fresh] = keys.emplace(text, row);
    if (!fresh) {
      return user_error("the key `" + text + "` stands in rows " +
                            std::to_string(first->second + 1) + " and " + std::to_string(row + 1) +
                            " of the joined table",
                        "a key may stand in one row of the table; remove one of the two");
    }
  }
  return keys;
}

Result<Rows> join(const nlohmann::json& args, RowsInput& in) {
  int64_t input = 0, other = 0, kernel = 0;
  Fields fields(args, "join");
  fields.input("rows", &input);
  fields.input("other", &other);
  fields.kernel("on", &kernel);
  REXP_TRY(fields.status());
  Result<Rows> rows = in.rows(input);
  if (!rows.ok()) return rows.error();
  Result<Table> table = in.table(other);
  if (!table.ok()) return table.error();
  if (rows->column("other") >= 0)
    return user_error("these rows are joined with a table already",
                      "join one table, with all the columns that are needed");
  const Column& key = table->columns.front();
  if (key.kind != ColumnKind::integer && key.kind != ColumnKind::text)
    return user_error("the key `" + key.name + "` is neither a whole number nor a text");
  Result<Keys> keys = read_keys(key);
  if (!keys.ok()) return keys.error();
  Result<RowFunction> on = in.function(kernel, *rows);
  if (!on.ok()) return on.error();
  Rows out = empty_like(*rows);
  out.columns.push_back("other");
  for (int64_t i = 0; i < rows->count; ++i) {
    Result<RowAnswer> answer = (*on)(rows->row(i));
    if (!answer.ok()) return answer.error();
    const auto found = keys->find(key.kind == ColumnKind::integer ? std::to_string(answer->value)
                                                                  : std::string(answer->text));
    if (found != keys->end()) out.add(rows->row(i), rows->columns.size(), {found->second});
  }
  if (out.count < rows->count)
    in.note(std::to_string(rows->count - out.count) + " of " + std::to_string(rows->count) +
            " rows have no partner and are left out");
  return out;
}

REXP_REGISTER(RowsOp, join, join)

}  // namespace
}  // namespace rexp::data
