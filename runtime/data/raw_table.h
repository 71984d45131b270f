// A table as its file wrote it, before types: what every reader gives and the loader takes apart.
//
//   user_id:token  item_id:token  timestamp:float        RecBole's atomic file, tab separated
//   196            242            881250949          ->  columns {user_id token, ..}, one row of
//   three cells
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::data {

/// The types of RecBole's header. A list's cell holds its values with `RawTable::separator` between
/// them.
enum class RawKind : uint8_t { token, token_seq, number, number_seq };

struct RawColumn {
  std::string name;
  RawKind kind = RawKind::token;
};

struct RawTable {
  std::string file;  // for messages
  std::vector<RawColumn> columns;
  std::vector<std::string_view> cells;  // [rows, columns], views into `storage`
  std::vector<int64_t> lines;           // 1-based line of each row; empty where there is no file
  char separator = ' ';
  std::shared_ptr<const std::string> storage;

  int64_t rows() const {
    return columns.empty() ? 0 : static_cast<int64_t>(cells.size() / columns.size());
  }
  std::string_view cell(int64_t row, int column) const {
    return cells[static_cast<size_t>(row) * columns.size() + column];
  }
  int line(int64_t row) const { return lines.empty() ? 0 : static_cast<int>(lines[row]); }
  int find(std::string_view name) const;  // -1 when absent
};

/// RecBole's atomic files (.inter, .item, .user): a header of `name:type`, then tab-separated rows.
/// Errors name the file and the line: a header field without a known type, a row with too few or
/// too many fields.
Result<RawTable> read_recbole(const std::string& path);

/// A user per line: the user's id, then item ids in time order, blank separated. Gives columns
/// user, item, at (0, 1, 2 ..).
Result<RawTable> read_sequences(const std::string& path);

/// JSON Lines: an object per line. A field that is a list of texts becomes token_seq, a number a
/// number, a text a token; a field absent from a row is an empty cell. Errors: a line that is no
/// object, nested objects, a field that changes its type.
Result<RawTable> read_jsonl(const std::string& path);

/// Comma-separated values with a header row (RFC 4180); every column is token, `|` separates the
/// values of a list. Errors: an open quote, a quote inside a bare field, a row of another width, a
/// column without a name or there twice.
Result<RawTable> read_csv(const std::string& path);

}  // namespace rexp::data
