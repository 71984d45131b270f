// What tasks and protocols read: rows of int64 slots over a dataset. Every operation that makes them is a component (rows/).
//
//   {"is": "windows", "max": 50, "part": {"input": 0, "part": "train"}}   user, history_begin, history_end, next
//   {"is": "where", "rows": {"input": 1}, "each": {"kernel": 0}}          the same columns, fewer rows
//
// Columns that end in _begin and _end are a range of events, or of a pool of these rows (Rows::pools).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "runtime/data/dataset.h"

namespace rexp::data {

enum class Part : uint8_t { train, valid, test };

/// What a compiled function says of one row; the text lasts until the next call.
struct RowAnswer {
  int64_t value = 0;
  std::string_view text;
};
using RowFunction = std::function<Result<RowAnswer>(const int64_t* row)>;

/// What an operation is given: the artifacts and functions that its arguments name.
class RowsInput {
 public:
  virtual ~RowsInput() = default;
  /// The dataset of an input; below 0: the node's only one.
  virtual Result<std::shared_ptr<const Dataset>> dataset(int64_t input = -1) = 0;
  virtual Result<Rows> rows(int64_t input) = 0;
  virtual Result<Table> table(int64_t input) = 0;
  /// A kernel that is called with rows shaped as `rows`, which outlive it.
  virtual Result<RowFunction> function(int64_t kernel, const Rows& rows) = 0;
  virtual uint64_t stream() const = 0;
  virtual void note(std::string text) = 0;
};

struct RowsOp {
  Result<Rows> (*run)(const nlohmann::json& args, RowsInput& in) = nullptr;
};

/// The rows of a `rows` node. User error: an operation on rows that leaves none.
Result<Rows> make_rows(const nlohmann::json& args, RowsInput& in);

/// Columns and pools of `rows` without a row.
Rows empty_like(const Rows& rows);

/// The split that a field names, {"input": 0, "part": "train"}.
struct Split {
  int64_t input = -1;
  Part part = Part::train;
};
Result<Split> parse_split(const nlohmann::json& args, const char* field);
/// User error: a component that counts train events was given another split as its field `train`.
Status check_train(const nlohmann::json& args);

}  // namespace rexp::data
