// Files {format, files}: files named in a program. Catalogued {name}: the same, found by their name on this machine.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/source.h"

namespace rexp::data {
namespace {

enum class Format { recbole, sequences, jsonl };

Result<Format> format_of(const SourceInput& input) {
  Format format = Format::recbole;
  Fields fields(input.args, "the data source");
  fields.choice<Format>(
      "format", &format,
      {{"recbole", Format::recbole}, {"sequences", Format::sequences}, {"jsonl", Format::jsonl}});
  REXP_TRY(fields.status());
  return format;
}

Result<RawTables> interactions(const SourceInput& input) {
  Result<Format> format = format_of(input);
  if (!format.ok()) return format.error();
  switch (*format) {
    case Format::jsonl:
      return read_interactions(input, "events", read_jsonl, "items", "users", read_jsonl);
    case Format::sequences:
      return read_interactions(input, "sequences", read_sequences, "item", "user", read_recbole);
    case Format::recbole: break;
  }
  return read_interactions(input, "inter", read_recbole, "item", "user", read_recbole);
}

Result<RawTable> table(const SourceInput& input) {
  Result<Format> format = format_of(input);
  if (!format.ok()) return format.error();
  switch (*format) {
    case Format::jsonl: return read_only_file(input, read_jsonl);
    case Format::recbole: return read_only_file(input, read_recbole);
    case Format::sequences: break;
  }
  return user_error("sequences of events are no table of rows", "give rows as JSON Lines or CSV");
}

REXP_REGISTER(Source, Files, interactions, table)
REXP_REGISTER(Source, Catalogued, interactions, table)

}  // namespace
}  // namespace rexp::data
