// From a file's cells to a typed column.
//
//   class:token_seq "Animation Children's Comedy"  as text_list  ->  ["Animation", "Children's",
//   "Comedy"] release_year:token "1995"                      as integer    ->  1995
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/data/dataset.h"
#include "runtime/data/raw_table.h"

namespace rexp::data {

/// How a column of a file is to be read.
struct ColumnPlan {
  std::string name;  // in the dataset
  int source = 0;    // column of the raw table
  ColumnKind kind = ColumnKind::text;
  std::optional<std::vector<std::string>>
      fallback;  // for empty cells: one value, or the values of a list
};

/// The kind a column has when nothing asks for another: text, text_list or real.
ColumnKind natural_kind(RawKind kind);

/// Row i of the result is row order[i] of the table. A number that cannot be read is an error that
/// names its line; in a `token` column with a fallback it counts as missing (ml-100k writes
/// "unknown" for two years) and `notes` tells how many there were.
Result<Column> convert(const RawTable& table, const ColumnPlan& plan,
                       const std::vector<int64_t>& order, std::vector<std::string>* notes);

/// A column of the file, or an error with the file, the columns it has and the nearest of them.
Result<int> require_column(const RawTable& table, const std::string& name);

/// A whole number in [-2^63, 2^63), "3" or "3.0".
std::optional<int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);

}  // namespace rexp::data
