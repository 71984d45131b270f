// ahead {n, rows}: windows with one column more, `later`: the user's n-th event counted from `next` as the first. Rows whose
// `later` would lie in another part are left out.
#include <algorithm>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

/// Behind the last event of the part that `event` belongs to.
int64_t part_end(const Dataset& dataset, int64_t user, int64_t event) {
  return event < dataset.train_end(user) ? dataset.train_end(user) : event + 1;
}

Result<Rows> ahead(const nlohmann::json& args, RowsInput& in) {
  int64_t n = 2, input = 0;
  Fields fields(args, "ahead");
  fields.count("n", &n, 2, "a whole number of at least 2");
  fields.input("rows", &input);
  REXP_TRY(fields.status());
  Result<Rows> rows = in.rows(input);
  if (!rows.ok()) return rows.error();
  Result<std::shared_ptr<const Dataset>> dataset = in.dataset();
  if (!dataset.ok()) return dataset.error();
  const int user = rows->column("user"), next = rows->column("next");
  if (user < 0 || next < 0) return internal_error("`ahead` takes windows");
  if (rows->column("later") >= 0)
    return user_error("these rows look ahead already", "look ahead once, as far as needed");
  Rows out = empty_like(*rows);
  out.columns.push_back("later");
  for (int64_t i = 0; i < rows->count; ++i) {
    const int64_t* row = rows->row(i);
    const int64_t later = row[next] + n - 1;
    if (later < part_end(**dataset, row[user], row[next]))
      out.add(row, rows->columns.size(), {later});
  }
  return out;
}

REXP_REGISTER(RowsOp, ahead, ahead)

}  // namespace
}  // namespace rexp::data
