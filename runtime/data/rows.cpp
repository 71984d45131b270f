#include "runtime/data/rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rexp::data {
namespace {

Rows windows(const Dataset& dataset, const RowsSpec& spec) {
  Rows rows;
  rows.columns = {"user", "history_begin", "history_end", "next"};
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const int64_t first = dataset.user_offsets[user];
    const int64_t begin = spec.part == Part::train   ? first
                          : spec.part == Part::valid ? dataset.valid_event(user)
                                                     : dataset.test_event(user);
    const int64_t end = spec.part == Part::train ? dataset.train_end(user) : begin + 1;
    for (int64_t next = std::max(begin, first + spec.min); next < end; ++next) {
      const int64_t history = next - first > spec.max ? next - spec.max : first;
      rows.values.insert(rows.values.end(), {user, history, next, next});
    }
  }
  return rows;
}

/// Cut from the newest event backwards, given from the oldest stretch on.
Rows sequences(const Dataset& dataset, const RowsSpec& spec) {
  Rows rows;
  rows.columns = {"user", "seen_begin", "seen_end"};
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const int64_t first = dataset.user_offsets[user], end = dataset.train_end(user);
    if (end <= first) continue;
    const int64_t length = end - first;
    for (int64_t stretch = (length - 1) / spec.max; stretch >= 0; --stretch) {
      const int64_t stop = end - stretch * spec.max;
      rows.values.insert(rows.values.end(),
                         {user, stop - first > spec.max ? stop - spec.max : first, stop});
    }
  }
  return rows;
}

Rows items(const Dataset& dataset) {
  Rows rows;
  rows.columns = {"item"};
  for (int64_t item = 0; item < dataset.item_count(); ++item) rows.values.push_back(item);
  return rows;
}

}  // namespace

Result<RowsSpec> parse_rows_spec(const nlohmann::json& args) {
  RowsSpec spec;
  try {
    const std::string op = args.at("op").get<std::string>();
    if (op != "windows" && op != "sequences" && op != "items")
      return internal_error("rows: unknown op " + op);
    spec.op = op == "windows"     ? RowsOp::windows
              : op == "sequences" ? RowsOp::sequences
                                  : RowsOp::items;
    const std::string part = args.value("part", "train");
    if (part != "train" && part != "valid" && part != "test")
      return internal_error("rows: unknown part " + part);
    if (op == "sequences" && part != "train")
      return internal_error("rows: stretches are of the train part");
    spec.part = part == "train" ? Part::train : part == "valid" ? Part::valid : Part::test;
    if (args.contains("min") && !args["min"].is_null()) spec.min = args["min"].get<int64_t>();
    if (args.contains("max") && !args["max"].is_null()) spec.max = args["max"].get<int64_t>();
  } catch (const nlohmann::json::exception& error) {
    return internal_error(std::string("rows: ") + error.what());
  }
  if (spec.max < 1)
    return user_error("`max` is " + std::to_string(spec.max) + ", it must be at least 1");
  return spec;
}

Rows build_rows(const Dataset& dataset, const RowsSpec& spec) {
  Rows rows = spec.op == RowsOp::windows     ? windows(dataset, spec)
              : spec.op == RowsOp::sequences ? sequences(dataset, spec)
                                             : items(dataset);
  rows.count = static_cast<int64_t>(rows.values.size() / rows.columns.size());
  return rows;
}

Rows filter_rows(const Rows& rows, const std::function<bool(const int64_t*)>& where) {
  Rows kept;
  kept.columns = rows.columns;
  for (int64_t i = 0; i < rows.count; ++i) {
    if (!where(rows.row(i))) continue;
    kept.values.insert(kept.values.end(), rows.row(i), rows.row(i) + rows.columns.size());
    ++kept.count;
  }
  return kept;
}

}  // namespace rexp::data
