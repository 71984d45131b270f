// pairs {rows}: every row beside every other row, in both orders; all columns twice, behind `a_` and `b_`.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

constexpr int64_t kMostPairs = 4'000'000;

Result<Rows> pairs(const nlohmann::json& args, RowsInput& in) {
  int64_t input = 0;
  Fields fields(args, "pairs");
  fields.input("rows", &input);
  REXP_TRY(fields.status());
  Result<Rows> rows = in.rows(input);
  if (!rows.ok()) return rows.error();
  const int64_t n = rows->count;
  if (n > 0 && n - 1 > kMostPairs / n) {
    return user_error(std::to_string(n) + " rows make " + std::to_string(n) + " x " +
                          std::to_string(n - 1) + " pairs, more than " + std::to_string(kMostPairs),
                      "take fewer rows first: `rows.sample(2000)`");
  }
  Rows out;
  out.pools = rows->pools;
  for (const char* side : {"a_", "b_"}) {
    for (const std::string& column : rows->columns) out.columns.push_back(side + column);
  }
  const auto width = static_cast<std::ptrdiff_t>(rows->columns.size());
  for (int64_t a = 0; a < n; ++a) {
    for (int64_t b = 0; b < n; ++b) {
      if (a == b) continue;
      out.values.insert(out.values.end(), rows->row(a), rows->row(a) + width);
      out.values.insert(out.values.end(), rows->row(b), rows->row(b) + width);
      ++out.count;
    }
  }
  return out;
}

REXP_REGISTER(RowsOp, pairs, pairs)

}  // namespace
}  // namespace rexp::data
