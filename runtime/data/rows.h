// What tasks and protocols read: rows of int64 slots over a dataset.
//
//   films.train.windows(max = 50)   ->  build_rows(d, {.op = RowsOp::windows, .max = 50}) user,
//   history_begin, history_end, next films.test                      ->  build_rows(d, {.op =
//   RowsOp::windows, .part = Part::test}) films.train.sequences(max = 50) ->  user, seen_begin,
//   seen_end films.items                     ->  item
#pragma once

#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>

#include "runtime/data/dataset.h"

namespace rexp::data {

enum class RowsOp : uint8_t { windows, sequences, items };
enum class Part : uint8_t { train, valid, test };

struct RowsSpec {
  RowsOp op = RowsOp::windows;
  int64_t min = 1;                                    // least events of a history
  int64_t max = std::numeric_limits<int64_t>::max();  // most events of a history or a stretch
  Part part = Part::train;
};

/// The arguments of a `rows` node (runtime/abi/README.md). Errors are internal.
Result<RowsSpec> parse_rows_spec(const nlohmann::json& args);

/// Rows in the order of users, then of time. Histories and stretches are ranges [begin, end) of
/// events, `next` is an event.
Rows build_rows(const Dataset& dataset, const RowsSpec& spec);

/// The rows for which `where(slots)` holds.
Rows filter_rows(const Rows& rows, const std::function<bool(const int64_t*)>& where);

}  // namespace rexp::data
