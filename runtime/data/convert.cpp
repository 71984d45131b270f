#include "runtime/data/convert.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace rexp::data {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
    }
  }
  return row[b.size()];
}

/// A name that contains the wanted one (`release_year` for `year`) or is a slip of the fingers
/// away; -1 where none is near.
int nearest_column(const RawTable& table, const std::string& name) {
  int best = -1;
  size_t best_distance = std::max<size_t>(1, name.size() / 3) + 1;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const std::string& candidate = table.columns[i].name;
    const bool contains =
        candidate.find(name) != std::string::npos || name.find(candidate) != std::string::npos;
    const size_t distance = contains ? 1 : edit_distance(candidate, name);
    if (distance < best_distance) {
      best = static_cast<int>(i);
      best_distance = distance;
    }
  }
  return best;
}

bool is_list(RawKind kind) { return kind == RawKind::token_seq || kind == RawKind::number_seq; }

const char* raw_name(RawKind kind) {
  switch (kind) {
    case RawKind::token: return "token";
    case RawKind::token_seq: return "token_seq";
    case RawKind::number: return "float";
    case RawKind::number_seq: return "float_seq";
  }
  return "";
}

const char* wanted_name(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::integer: return "a whole number";
    case ColumnKind::real: return "a number";
    case ColumnKind::text: return "a text";
    case ColumnKind::text_list: return "a list of texts";
  }
  return "";
}

void push_list(Column& column, std::string_view cell, char separator) {
  while (!cell.empty()) {
    const size_t end = cell.find(separator);
    const std::string_view value = cell.substr(0, end);
    if (!value.empty()) column.push_text(value);
    cell.remove_prefix(end == std::string_view::npos ? cell.size() : end + 1);
  }
  column.list_offsets.push_back(static_cast<int64_t>(column.text_offsets.size()) - 1);
}

void push_fallback(Column& column, const std::vector<std::string>& values) {
  switch (column.kind) {
    case ColumnKind::integer:
      column.integers.push_back(parse_integer(values.at(0)).value_or(0));
      break;
    case ColumnKind::real: column.reals.push_back(parse_real(values.at(0)).value_or(0)); break;
    case ColumnKind::text: column.push_text(values.at(0)); break;
    case ColumnKind::text_list:
      for (const std::string& value : values) column.push_text(value);
      column.list_offsets.push_back(static_cast<int64_t>(column.text_offsets.size()) - 1);
      break;
  }
}

/// Appends the cell; false when it is not the number it should be.
bool push_cell(Column& column, std::string_view cell, char separator) {
  switch (column.kind) {
    case ColumnKind::text: column.push_text(cell); return true;
    case ColumnKind::text_list: push_list(column, cell, separator); return true;
    case ColumnKind::integer:
      if (const std::optional<int64_t> value = parse_integer(cell))
        return column.integers.push_back(*value), true;
      return false;
    case ColumnKind::real:
      if (const std::optional<double> value = parse_real(cell))
        return column.reals.push_back(*value), true;
      return false;
  }
  return false;
}

Column empty_column(const ColumnPlan& plan) {
  Column column;
  column.name = plan.name;
  column.kind = plan.kind;
  if (plan.kind == ColumnKind::text || plan.kind == ColumnKind::text_list)
    column.text_offsets = {0};
  if (plan.kind == ColumnKind::text_list) column.list_offsets = {0};
  return column;
}

}  // namespace

std::optional<double> parse_real(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  const std::optional<double> real = parse_real(text);
  if (!real || *real != std::floor(*real) || std::abs(*real) >= 0x1.0p63) return std::nullopt;
  return static_cast<int64_t>(*real);
}

ColumnKind natural_kind(RawKind kind) {
  if (is_list(kind)) return ColumnKind::text_list;
  return kind == RawKind::number ? ColumnKind::real : ColumnKind::text;
}

Result<int> require_column(const RawTable& table, const std::string& name) {
  const int found = table.find(name);
  if (found >= 0) return found;
  std::string names;
  for (const RawColumn& column : table.columns)
    names += (names.empty() ? "`" : ", `") + column.name + "`";
  const int near = nearest_column(table, name);
  std::string help = "the file has " + names;
  if (near >= 0) help = "did you mean `" + table.columns[near].name + "`? " + help;
  return file_error(table.file, table.lines.empty() ? 0 : 1, "there is no column `" + name + "`",
                    help);
}

Result<Column> convert(const RawTable& table, const ColumnPlan& plan,
                       const std::vector<int64_t>& order, std::vector<std::string>* notes) {
  const RawKind raw = table.columns[plan.source].kind;
  const std::string& source = table.columns[plan.source].name;
  const bool number = plan.kind == ColumnKind::integer || plan.kind == ColumnKind::real;
  if (number && is_list(raw)) {
    return file_error(table.file, 1,
                      "the column `" + source + "` is " + raw_name(raw) + ", where `" + plan.name +
                          "` must be " + wanted_name(plan.kind),
                      "declare `" + plan.name + "` as a list of texts, or read another column");
  }
  Column column = empty_column(plan);
  int64_t unreadable = 0;
  std::string example;
  for (int64_t row : order) {
    const std::string_view cell = table.cell(row, plan.source);
    if (cell.empty() && plan.fallback) {
      push_fallback(column, *plan.fallback);
    } else if (!push_cell(column, cell, table.separator)) {
      if (!plan.fallback || raw != RawKind::token) {
        const std::string seen = cell.empty() ? "is empty" : "is `" + std::string(cell) + "`";
        return file_error(table.file, table.line(row),
                          "`" + source + "` " + seen + " where `" + plan.name + "` must be " +
                              wanted_name(plan.kind),
                          "mend the line, or give `" + plan.name + "` a default");
      }
      if (unreadable++ == 0) example = cell;
      push_fallback(column, *plan.fallback);
    }
  }
  if (unreadable > 0 && notes) {
    notes->push_back("`" + source + "`: " + std::to_string(unreadable) + " values such as `" +
                     example + "` are no numbers and got the default");
  }
  return column;
}

}  // namespace rexp::data
