// sample {rows, n}: `n` of the rows, each at most once, in their old order. Which ones is decided by the node's stream.
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "runtime/base/fields.h"
#include "runtime/base/random.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"

namespace rexp::data {
namespace {

Result<Rows> sample(const nlohmann::json& args, RowsInput& in) {
  int64_t input = 0, n = 0;
  Fields fields(args, "sample");
  fields.input("rows", &input);
  fields.count("n", &n, 1, "a whole number of at least 1");
  REXP_TRY(fields.status());
  Result<Rows> rows = in.rows(input);
  if (!rows.ok()) return rows.error();
  if (n > rows->count)
    in.note("the sample asks for " + std::to_string(n) + " rows, there are " +
            std::to_string(rows->count));
  std::vector<int64_t> order(static_cast<size_t>(rows->count));
  std::iota(order.begin(), order.end(), 0);
  const int64_t taken = std::min(n, rows->count);
  const auto key = [&](int64_t i) {
    return std::pair(bits(in.stream(), static_cast<uint64_t>(i)), i);
  };
  std::nth_element(order.begin(), order.begin() + taken, order.end(),
                   [&](int64_t a, int64_t b) { return key(a) < key(b); });
  order.resize(static_cast<size_t>(taken));
  std::sort(order.begin(), order.end());
  Rows out = empty_like(*rows);
  for (const int64_t i : order) out.add(rows->row(i), rows->columns.size());
  return out;
}

REXP_REGISTER(RowsOp, sample, sample)

}  // namespace
}  // namespace rexp::data
