// where {rows, each}: the rows for which a function holds.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

Result<Rows> where(const nlohmann::json& args, RowsInput& in) {
  int64_t input = 0, kernel = 0;
  Fields fields(args, "where");
  fields.input("rows", &input);
  fields.kernel("each", &kernel);
  REXP_TRY(fields.status());
  Result<Rows> rows = in.rows(input);
  if (!rows.ok()) return rows.error();
  Result<RowFunction> holds = in.function(kernel, *rows);
  if (!holds.ok()) return holds.error();
  Rows out = empty_like(*rows);
  for (int64_t i = 0; i < rows->count; ++i) {
    Result<RowAnswer> answer = (*holds)(rows->row(i));
    if (!answer.ok()) return answer.error();
    if (answer->value != 0) out.add(rows->row(i), rows->columns.size());
  }
  in.note(std::to_string(out.count) + " of " + std::to_string(rows->count) + " rows kept");
  return out;
}

REXP_REGISTER(RowsOp, where, where)

}  // namespace
}  // namespace rexp::data
