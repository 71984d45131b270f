// items: every item of the catalogue. users: every user, with all of their train events.
#include <algorithm>

#include "runtime/base/json.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

Result<Rows> items(const nlohmann::json& /*args*/, RowsInput& in) {
  Result<std::shared_ptr<const Dataset>> dataset = in.dataset();
  if (!dataset.ok()) return dataset.error();
  Rows rows;
  rows.columns = {"item"};
  for (int64_t item = 0; item < (*dataset)->item_count(); ++item) rows.add(&item, 1);
  return rows;
}

Result<Rows> users(const nlohmann::json& /*args*/, RowsInput& in) {
  Result<std::shared_ptr<const Dataset>> dataset = in.dataset();
  if (!dataset.ok()) return dataset.error();
  Rows rows;
  rows.columns = {"user", "events_begin", "events_end"};
  for (int64_t user = 0; user < (*dataset)->user_count(); ++user) {
    const int64_t first = (*dataset)->user_offsets[user];
    rows.add(nullptr, 0, {user, first, std::max(first, (*dataset)->train_end(user))});
  }
  return rows;
}

REXP_REGISTER(RowsOp, items, items)
REXP_REGISTER(RowsOp, users, users)

}  // namespace
}  // namespace rexp::data
