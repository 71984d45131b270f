#include "runtime/codebook/assignment.h"

#include <limits>

#include "runtime/base/assert.h"

namespace rexp::codebook {
namespace {

constexpr int64_t kNone = -1;

/// Assigned rows, and the prices that make every assigned pair the cheapest of its row.
class Assignment {
 public:
  Assignment(const std::vector<double>& costs, int64_t columns)
      : costs_(costs),
        columns_(columns),
        row_price_(costs.size() / columns, 0),
        column_price_(columns, 0),
        row_of_(columns, kNone) {}

  /// Finds the cheapest path from `row` to a free column, through rows that move on.
  void add(int64_t row) {
    distance_.assign(columns_, std::numeric_limits<double>::infinity());
    before_.assign(columns_, kNone);
    reached_.assign(columns_, false);
    double walked = 0;
    int64_t at = row, last = kNone;
    while (true) {
      last = step(at, last, walked);
      walked = distance_[last];
      reached_[last] = true;
      if (row_of_[last] == kNone) break;
      at = row_of_[last];
    }
    row_price_[row] += walked;
    for (int64_t c = 0; c < columns_; ++c) {
      if (!reached_[c] || c == last) continue;
      row_price_[row_of_[c]] += walked - distance_[c];
      column_price_[c] -= walked - distance_[c];
    }
    for (; before_[last] != kNone; last = before_[last]) row_of_[last] = row_of_[before_[last]];
    row_of_[last] = row;
  }

  std::vector<int32_t> columns_of_rows() const {
    std::vector<int32_t> out(row_price_.size());
    for (int64_t c = 0; c < columns_; ++c) {
      if (row_of_[c] != kNone) out[row_of_[c]] = static_cast<int32_t>(c);
    }
    return out;
  }

 private:
  /// The nearest column that is not reached yet, looking on from row `at`, which was come to by column `from`.
  int64_t step(int64_t at, int64_t from, double walked) {
    int64_t nearest = kNone;
    for (int64_t c = 0; c < columns_; ++c) {
      if (reached_[c]) continue;
      const double through = walked + costs_[at * columns_ + c] - row_price_[at] - column_price_[c];
      if (through < distance_[c]) {
        distance_[c] = through;
        before_[c] = from;
      }
      if (nearest == kNone || distance_[c] < distance_[nearest]) nearest = c;
    }
    return nearest;
  }

  const std::vector<double>& costs_;
  int64_t columns_;
  std::vector<double> row_price_, column_price_;
  std::vector<int64_t> row_of_;
  std::vector<double> distance_;  // of the path that is looked for, by column
  std::vector<int64_t> before_;   // the column before on it
  std::vector<char> reached_;
};

}  // namespace

std::vector<int32_t> assign(const std::vector<double>& costs, int64_t rows, int64_t columns) {
  REXP_ASSERT(rows <= columns && static_cast<int64_t>(costs.size()) == rows * columns,
              "every row has a column");
  if (rows == 0) return {};
  Assignment assignment(costs, columns);
  for (int64_t row = 0; row < rows; ++row) assignment.add(row);
  return assignment.columns_of_rows();
}

}  // namespace rexp::codebook
