// concat {rows}: several rows of the same columns, one behind the other.
#include "runtime/base/json.h"

#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

std::string spelt(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : ", ") + column;
  return text;
}

Status check_alike(const Rows& first, const Rows& rows) {
  if (rows.columns != first.columns) {
    return user_error(
        "rows of " + spelt(rows.columns) + " cannot follow rows of " + spelt(first.columns),
        "put rows of one kind together");
  }
  if (rows.pools != first.pools) {
    return user_error("rows of two different groupings cannot be put together",
                      "group first, then choose rows with `where`");
  }
  return {};
}

Result<Rows> concat(const nlohmann::json& args, RowsInput& in) {
  Rows out;
  bool first = true;
  for (const nlohmann::json& part : args.at("rows")) {
    Result<Rows> rows = in.rows(part.at("input").get<int64_t>());
    if (!rows.ok()) return rows.error();
    if (!first) REXP_TRY(check_alike(out, *rows));
    if (std::exchange(first, false)) out = empty_like(*rows);
    out.values.insert(out.values.end(), rows->values.begin(), rows->values.end());
    out.count += rows->count;
  }
  return out;
}

REXP_REGISTER(RowsOp, concat, concat)

}  // namespace
}  // namespace rexp::data
