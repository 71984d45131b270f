#include <map>
#include <optional>

#include "runtime/base/json.h"
#include "runtime/data/raw_table.h"
#include "runtime/data/text_file.h"
#include "runtime/data/text_lines.h"

namespace rexp::data {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSeparator = '\x1f';  // ASCII unit separator: list values may hold blanks
// Every row has a cell for every column, so columns that differ from line to line would fill the memory.
constexpr size_t kMostColumns = 1000;

struct Cell {
  size_t offset = 0, size = 0;
};

class JsonLines {
 public:
  explicit JsonLines(const std::string& path) { table_.file = path; }

  Status add(std::string_view line, int64_t number) {
    const auto parsed = parse_ordered_json(line, table_.file, static_cast<int>(number));
    if (!parsed) return parsed.error();
    const Json& object = *parsed;
    if (!object.is_object()) {
      return file_error(
          table_.file, static_cast<int>(number), "the line is not a JSON object",
          "write one object per line, such as {\"user\": 1, \"item\": 17, \"at\": 0}");
    }
    std::vector<Cell> row(table_.columns.size());
    for (const auto& [name, value] : object.items()) {
      if (value.is_null()) continue;
      const std::optional<RawKind> kind = kind_of(value);
      if (!kind) {
        return file_error(
            table_.file, static_cast<int>(number),
            "the field `" + name + "` is neither a number, a text nor a list of either");
      }
      if (const char* control = control_in(value)) {
        return file_error(table_.file, static_cast<int>(number),
                          "the field `" + name + "` holds the control character " + control,
                          "leave it out of the text");
      }
      const auto [place, fresh] = places_.emplace(name, static_cast<int>(table_.columns.size()));
      if (fresh && table_.columns.size() == kMostColumns) {
        return file_error(table_.file, static_cast<int>(number),
                          "the field `" + name + "` is one more than the " +
                              std::to_string(kMostColumns) + " that a file may have",
                          "write what differs from line to line as one list");
      }
      if (fresh) {
        table_.columns.push_back({name, *kind});
        row.emplace_back();
      } else if (!widen(table_.columns[place->second].kind, *kind)) {
        return file_error(
            table_.file, static_cast<int>(number),
            "the field `" + name + "` is a list here and none in an earlier line, or the reverse");
      }
      row[place->second] = store(value);
    }
    rows_.push_back(std::move(row));
    table_.lines.push_back(number);
    return {};
  }

  RawTable finish() {
    table_.separator = kSeparator;
    table_.storage = std::make_shared<const std::string>(std::move(bytes_));
    const std::string_view all = *table_.storage;
    for (const std::vector<Cell>& row : rows_) {
      for (size_t i = 0; i < table_.columns.size(); ++i) {
        table_.cells.push_back(i < row.size() ? all.substr(row[i].offset, row[i].size)
                                              : std::string_view());
      }
    }
    return std::move(table_);
  }

 private:
  static std::optional<RawKind> kind_of(const Json& value) {
    if (value.is_number()) return RawKind::number;
    if (value.is_string() || value.is_boolean()) return RawKind::token;
    if (!value.is_array()) return std::nullopt;
    for (const Json& element : value) {
      if (!element.is_string() && !element.is_number()) return std::nullopt;
    }
    return RawKind::token_seq;
  }

  /// A character that a JSON text can spell and a cell cannot hold; null where there is none.
  static const char* control_in(const Json& value) {
    if (value.is_string()) {
      const std::string& text = value.get_ref<const std::string&>();
      if (text.find('\0') != std::string::npos) return "U+0000";
      return text.find(kSeparator) != std::string::npos ? "U+001F" : nullptr;
    }
    for (const Json& element : value) {
      if (!element.is_string()) continue;
      if (const char* control = control_in(element)) return control;
    }
    return nullptr;
  }

  /// A field that is a number in one line and a text in another is a text. False where one is a
  /// list and the other is not.
  static bool widen(RawKind& known, RawKind seen) {
    if (known == seen) return true;
    if (known == RawKind::token_seq || seen == RawKind::token_seq) return false;
    known = RawKind::token;
    return true;
  }

  static std::string spelling(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  Cell store(const Json& value) {
    Cell cell{bytes_.size(), 0};
    if (value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) bytes_ += kSeparator;
        bytes_ += spelling(value[i]);
      }
    } else {
      bytes_ += spelling(value);
    }
    cell.size = bytes_.size() - cell.offset;
    return cell;
  }

  RawTable table_;
  std::map<std::string, int> places_;
  std::vector<std::vector<Cell>> rows_;
  std::string bytes_;
};

}  // namespace

Result<RawTable> read_jsonl(const std::string& path) {
  Result<std::string> text = read_text(path);
  if (!text.ok()) return text.error();
  JsonLines lines(path);
  std::string_view rest = *text;
  for (int64_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = take_line(rest);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    REXP_TRY(lines.add(line, number));
  }
  return lines.finish();
}

}  // namespace rexp::data
