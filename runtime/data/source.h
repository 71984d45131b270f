// Where a dataset's tables come from. A source reads its files, or makes its rows up, and gives them as their files wrote them.
//
//   {"is": "Csv", "events": "<digest>", "items": "<digest>"}    site: {"files": {"events": "/…/ratings.csv", "items": …}}
//
// Fields that name files hold the files' digests; where the files lie is told apart, under the same names.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "runtime/data/raw_table.h"

namespace rexp::data {

struct SourceInput {
  const nlohmann::json& args;
  const std::map<std::string, std::string>& files;
  const std::string& hint;  // help for a missing file: the command that gets it
};

struct RawTables {
  RawTable events;
  std::optional<RawTable> items, users;
};

struct Source {
  Result<RawTables> (*interactions)(const SourceInput& input) = nullptr;
  /// The only file, as a table of one's own rows; null where the source has none.
  Result<RawTable> (*table)(const SourceInput& input) = nullptr;
};

using Reader = Result<RawTable> (*)(const std::string& path);

/// User errors: the source names no such file, the file is not there, what the reader says.
Result<RawTable> read_file_of(const SourceInput& input, const std::string& name, Reader reader);
Result<std::optional<RawTable>> read_optional_file(const SourceInput& input,
                                                   const std::string& name, Reader reader);
/// Events, items and users under these names.
Result<RawTables> read_interactions(const SourceInput& input, const char* events, Reader of_events,
                                    const char* items, const char* users, Reader reader);
/// User error: the source names no file, or several.
Result<RawTable> read_only_file(const SourceInput& input, Reader reader);

}  // namespace rexp::data
