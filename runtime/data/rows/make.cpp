#include "runtime/base/json.h"

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {

Result<Rows> make_rows(const nlohmann::json& args, RowsInput& in) {
  Result<const RowsOp*> op = Registry<RowsOp>::find(args);
  if (!op.ok()) return op.error();
  Result<Rows> rows = (*op)->run(args, in);
  if (!rows.ok()) return rows.error();
  if (rows->count == 0 && args.contains("rows")) {
    return user_error("no row is left after `" + args["is"].get<std::string>() + "`",
                      "loosen its condition, or give it more rows");
  }
  if (rows->count == 0)
    return user_error("`" + args["is"].get<std::string>() + "` gives no row",
                      "ask for shorter histories (`min`), or keep more users");
  in.note(std::to_string(rows->count) + " rows");
  return rows;
}

Rows empty_like(const Rows& rows) {
  Rows out;
  out.columns = rows.columns;
  out.pools = rows.pools;
  return out;
}

Result<Split> parse_split(const nlohmann::json& args, const char* field) {
  Split split;
  Fields fields(args, "rows");
  fields.input(field, &split.input);
  REXP_TRY(fields.status());
  Fields part(args[field], "a split");
  part.choice<Part>("part", &split.part,
                    {{"train", Part::train}, {"valid", Part::valid}, {"test", Part::test}});
  REXP_TRY(part.status());
  return split;
}

Status check_train(const nlohmann::json& args) {
  if (!args.contains("train")) return {};
  Result<Split> split = parse_split(args, "train");
  if (!split.ok()) return split.error();
  if (split->part == Part::train) return {};
  return user_error(
      "`" + args.value("is", "") + "` counts train events, it was given a held-out split",
      "give it the train split, such as `films.train`");
}

}  // namespace rexp::data
