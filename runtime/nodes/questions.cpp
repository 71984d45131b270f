#include "runtime/nodes/questions.h"

#include <algorithm>
#include <utility>

namespace rexp::nodes {

namespace {

Result<Questions> questions_of(const data::Dataset& dataset, const data::Rows& rows) {
  Questions out;
  const int user = rows.column("user"), next = rows.column("next");
  if (user < 0 || next < 0)
    return user_error("a protocol asks for the next item, its rows have none",
                      "use rows of windows: `rows = films.test`");
  for (int64_t r = 0; r < rows.count; ++r) {
    const int64_t u = rows.row(r)[user], event = rows.row(r)[next];
    out.users.push_back(u);
    out.targets.push_back(static_cast<int32_t>(dataset.event_items()[event]));
    auto& history = out.histories.emplace_back();
    for (int64_t e = dataset.user_offsets[u]; e < event; ++e)
      history.push_back(static_cast<int32_t>(dataset.event_items()[e]));
  }
  return out;
}

}  // namespace

Result<Asked> read_asked(NodeContext& context) {
  auto dataset = context.dataset(context.find({"load"}));
  if (!dataset) return dataset.error();
  auto rows = context.rows(context.find({"rows"}));
  if (!rows) return rows.error();
  auto questions = questions_of(**dataset, *rows);
  if (!questions) return questions.error();
  return Asked{std::move(*dataset), std::move(*rows), std::move(*questions)};
}

std::vector<int64_t> shown_rows(int64_t count) {
  constexpr int64_t kShown = 6;
  const int64_t shown = std::min(kShown, count);
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < shown; ++i) rows.push_back(i * count / shown);
  return rows;
}

}  // namespace rexp::nodes
