// windows {min, max, part}: for every event of the part with at least `min` earlier events of the same user, one row. The last
// `max` events before it are the history, the event is `next`. Valid and test: the held-out event, whose history is everything
// before it, so that test sees the valid event.
#include <algorithm>
#include <limits>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

struct Stretch {
  int64_t begin, end;
};

Stretch events_of(const Dataset& dataset, int64_t user, Part part) {
  switch (part) {
    case Part::train: return {dataset.user_offsets[user], dataset.train_end(user)};
    case Part::valid: return {dataset.valid_event(user), dataset.valid_event(user) + 1};
    case Part::test: break;
  }
  return {dataset.test_event(user), dataset.test_event(user) + 1};
}

Result<Rows> windows(const nlohmann::json& args, RowsInput& in) {
  int64_t min = 1, max = std::numeric_limits<int64_t>::max();
  Fields fields(args, "windows");
  fields.count("min", &min, 0, "a whole number of at least 0");
  fields.count("max", &max, 1, "a whole number of at least 1");
  REXP_TRY(fields.status());
  Result<Split> split = parse_split(args, "part");
  if (!split.ok()) return split.error();
  Result<std::shared_ptr<const Dataset>> dataset = in.dataset(split->input);
  if (!dataset.ok()) return dataset.error();
  Rows rows;
  rows.columns = {"user", "history_begin", "history_end", "next"};
  for (int64_t user = 0; user < (*dataset)->user_count(); ++user) {
    const int64_t first = (*dataset)->user_offsets[user];
    const auto [begin, end] = events_of(**dataset, user, split->part);
    for (int64_t next = std::max(begin, first + min); next < end; ++next)
      rows.add(nullptr, 0, {user, next - first > max ? next - max : first, next, next});
  }
  return rows;
}

REXP_REGISTER(RowsOp, windows, windows)

}  // namespace
}  // namespace rexp::data
