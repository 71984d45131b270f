#include "runtime/data/source.h"

#include <filesystem>
#include <utility>

namespace rexp::data {

Result<RawTable> read_file_of(const SourceInput& input, const std::string& name, Reader reader) {
  const auto path = input.files.find(name);
  if (path == input.files.end())
    return user_error("the data source names no file for `" + name + "`",
                      "every source needs its " + name);
  if (!std::filesystem::exists(path->second)) {
    return user_error("there is no file " + path->second,
                      input.hint.empty() ? "check the path of the data source" : input.hint);
  }
  return reader(path->second);
}

Result<std::optional<RawTable>> read_optional_file(const SourceInput& input,
                                                   const std::string& name, Reader reader) {
  if (!input.files.contains(name)) return std::optional<RawTable>();
  Result<RawTable> table = read_file_of(input, name, reader);
  if (!table.ok()) return table.error();
  return std::optional<RawTable>(std::move(*table));
}

Result<RawTables> read_interactions(const SourceInput& input, const char* events, Reader of_events,
                                    const char* items, const char* users, Reader reader) {
  RawTables tables;
  Result<RawTable> read = read_file_of(input, events, of_events);
  if (!read.ok()) return read.error();
  tables.events = std::move(*read);
  for (auto [name, into] : {std::pair(items, &tables.items), std::pair(users, &tables.users)}) {
    Result<std::optional<RawTable>> optional = read_optional_file(input, name, reader);
    if (!optional.ok()) return optional.error();
    *into = std::move(*optional);
  }
  return tables;
}

Result<RawTable> read_only_file(const SourceInput& input, Reader reader) {
  if (input.files.size() != 1) {
    return user_error("a table of rows is read from one file, its source names " +
                          std::to_string(input.files.size()),
                      "name one file");
  }
  return read_file_of(input, input.files.begin()->first, reader);
}

}  // namespace rexp::data
