// sequences {max, part}: a user's train events cut into stretches of at most `max` events, from the newest backwards, so that
// only the oldest stretch is short; given from the oldest stretch on.
#include <limits>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

Result<Rows> sequences(const nlohmann::json& args, RowsInput& in) {
  int64_t max = std::numeric_limits<int64_t>::max();
  Fields fields(args, "sequences");
  fields.count("max", &max, 1, "a whole number of at least 1");
  REXP_TRY(fields.status());
  Result<Split> split = parse_split(args, "part");
  if (!split.ok()) return split.error();
  if (split->part != Part::train) return internal_error("stretches are of the train part");
  Result<std::shared_ptr<const Dataset>> dataset = in.dataset(split->input);
  if (!dataset.ok()) return dataset.error();
  Rows rows;
  rows.columns = {"user", "seen_begin", "seen_end"};
  for (int64_t user = 0; user < (*dataset)->user_count(); ++user) {
    const int64_t first = (*dataset)->user_offsets[user], end = (*dataset)->train_end(user);
    if (end <= first) continue;
    for (int64_t stretch = (end - first - 1) / max; stretch >= 0; --stretch) {
      const int64_t stop = end - stretch * max;
      rows.add(nullptr, 0, {user, stop - first > max ? stop - max : first, stop});
    }
  }
  return rows;
}

REXP_REGISTER(RowsOp, sequences, sequences)

}  // namespace
}  // namespace rexp::data
