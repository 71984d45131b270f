#include <algorithm>

#include "runtime/data/raw_table.h"
#include "runtime/data/text_file.h"
#include "runtime/data/text_lines.h"

namespace rexp::data {
namespace {

struct KindName {
  std::string_view name;
  RawKind kind;
};
constexpr KindName kKinds[] = {{"token", RawKind::token},
                               {"token_seq", RawKind::token_seq},
                               {"float", RawKind::number},
                               {"float_seq", RawKind::number_seq}};

std::string_view take_field(std::string_view& line, bool& more) {
  const size_t tab = line.find('\t');
  const std::string_view field = line.substr(0, tab);
  more = tab != std::string_view::npos;
  line.remove_prefix(more ? tab + 1 : line.size());
  return field;
}

Status read_header(std::string_view line, RawTable& table) {
  for (bool more = true; more;) {
    const std::string_view field = take_field(line, more);
    const size_t colon = field.rfind(':');
    const std::string_view type =
        colon == std::string_view::npos ? std::string_view() : field.substr(colon + 1);
    const auto* known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const KindName& k) { return k.name == type; });
    if (known == std::end(kKinds)) {
      return file_error(table.file, 1,
                        "the header field `" + std::string(field) +
                            "` has no type that RecBole's atomic files know",
                        "write `name:type` with a type among token, token_seq, float, float_seq, "
                        "tabs between the fields");
    }
    const std::string_view name = field.substr(0, colon);
    if (name.empty()) return file_error(table.file, 1, "a column of the header has no name");
    if (table.find(name) >= 0)
      return file_error(table.file, 1, "the column `" + std::string(name) + "` is there twice",
                        "rename one of the two");
    table.columns.push_back({std::string(name), known->kind});
  }
  return {};
}

}  // namespace

int RawTable::find(std::string_view name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

Result<RawTable> read_recbole(const std::string& path) {
  Result<std::string> text = read_text(path);
  if (!text.ok()) return text.error();
  RawTable table;
  table.file = path;
  table.storage = std::make_shared<const std::string>(std::move(*text));
  std::string_view rest = *table.storage;
  if (rest.empty())
    return file_error(path, 0, "the file is empty",
                      "its first line must be a header of `name:type` fields");
  REXP_TRY(read_header(take_line(rest), table));
  for (int64_t number = 2; !rest.empty(); ++number) {
    std::string_view line = take_line(rest);
    if (line.empty()) continue;
    size_t fields = 0;
    for (bool more = true; more; ++fields) table.cells.push_back(take_field(line, more));
    if (fields != table.columns.size()) {
      return file_error(path, static_cast<int>(number),
                        "the row has " + std::to_string(fields) + " fields, the header declares " +
                            std::to_string(table.columns.size()),
                        "fields are separated by one tab each");
    }
    table.lines.push_back(number);
  }
  return table;
}

}  // namespace rexp::data
