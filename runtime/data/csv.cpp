// Comma-separated values as RFC 4180 has them: a header row, fields that may stand in quotes, a doubled quote for a quote.
#include <algorithm>

#include "runtime/data/raw_table.h"
#include "runtime/data/text_file.h"

namespace rexp::data {
namespace {

constexpr char kListSeparator = '|';  // between the values of a list, as MovieLens writes genres

/// Cells lie one after another in `text`, unquoted; `ends` says where each stops.
struct Records {
  std::string text;
  std::vector<size_t> ends;
  std::vector<size_t> fields;  // of every record
  std::vector<int64_t> lines;  // where every record begins
};

class CsvReader {
 public:
  CsvReader(const std::string& file, std::string_view text) : file_(file), rest_(text) {}

  Result<Records> read() {
    while (!rest_.empty()) {
      if (skip_line_end()) continue;  // an empty line
      REXP_TRY(read_record());
    }
    return std::move(records_);
  }

 private:
  bool skip_line_end() {
    const size_t size = rest_.starts_with("\r\n") ? 2 : rest_.starts_with("\n") ? 1 : 0;
    rest_.remove_prefix(size);
    line_ += size > 0;
    return size > 0;
  }

  Status read_record() {
    records_.lines.push_back(line_);
    size_t fields = 0;
    for (bool more = true; more;) {
      if (rest_.starts_with('"')) {
        REXP_TRY(read_quoted());
      } else {
        REXP_TRY(read_bare());
      }
      records_.ends.push_back(records_.text.size());
      ++fields;
      more = rest_.starts_with(',');
      if (more) rest_.remove_prefix(1);
    }
    records_.fields.push_back(fields);
    if (!rest_.empty() && !skip_line_end())
      return file_error(file_, line(), "there is text behind the quotes of a field",
                        "quotes go around a whole field; a quote inside is written twice");
    return {};
  }

  Status read_quoted() {
    const int begin = line();
    rest_.remove_prefix(1);
    for (;;) {
      const size_t quote = rest_.find('"');
      if (quote == std::string_view::npos)
        return file_error(file_, begin, "the quote that begins a field here is never closed",
                          "close it, or write a quote inside a field twice");
      const std::string_view piece = rest_.substr(0, quote);
      records_.text += piece;
      line_ += std::count(piece.begin(), piece.end(), '\n');
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) return {};
      records_.text += '"';
      rest_.remove_prefix(1);
    }
  }

  Status read_bare() {
    const size_t end = std::min(rest_.find_first_of(",\n\""), rest_.size());
    std::string_view field = rest_.substr(0, end);
    if (end < rest_.size() && rest_[end] == '"')
      return file_error(file_, line(), "a quote stands inside a field that has none around it",
                        "put the field in quotes and write the quote twice");
    rest_.remove_prefix(end);
    if (field.ends_with('\r') && (rest_.empty() || rest_.front() == '\n')) field.remove_suffix(1);
    records_.text += field;
    return {};
  }

  int line() const { return static_cast<int>(line_); }

  const std::string& file_;
  std::string_view rest_;
  int64_t line_ = 1;
  Records records_;
};

Status read_header(const std::vector<std::string_view>& cells, RawTable* table) {
  for (const std::string_view name : cells) {
    if (name.empty()) return file_error(table->file, 1, "a column of the header has no name");
    if (table->find(name) >= 0)
      return file_error(table->file, 1, "the column `" + std::string(name) + "` is there twice",
                        "rename one of the two");
    table->columns.push_back({std::string(name), RawKind::token});
  }
  return {};
}

}  // namespace

Result<RawTable> read_csv(const std::string& path) {
  Result<std::string> text = read_text(path);
  if (!text.ok()) return text.error();
  Result<Records> records = CsvReader(path, *text).read();
  if (!records.ok()) return records.error();
  if (records->fields.empty())
    return file_error(path, 0, "the file is empty", "its first row must name the columns");
  RawTable table;
  table.file = path;
  table.separator = kListSeparator;
  table.storage = std::make_shared<const std::string>(std::move(records->text));
  size_t begin = 0, cell = 0;
  for (size_t record = 0; record < records->fields.size(); ++record) {
    std::vector<std::string_view> cells;
    for (size_t i = 0; i < records->fields[record]; ++i, ++cell) {
      const size_t end = records->ends[cell];
      cells.push_back(std::string_view(*table.storage).substr(begin, end - begin));
      begin = end;
    }
    if (record == 0) {
      REXP_TRY(read_header(cells, &table));
      continue;
    }
    if (cells.size() != table.columns.size()) {
      return file_error(path, static_cast<int>(records->lines[record]),
                        "the row has " + std::to_string(cells.size()) + " fields, the header " +
                            std::to_string(table.columns.size()),
                        "a field with a comma needs quotes around it");
    }
    table.cells.insert(table.cells.end(), cells.begin(), cells.end());
    table.lines.push_back(records->lines[record]);
  }
  return table;
}

}  // namespace rexp::data
