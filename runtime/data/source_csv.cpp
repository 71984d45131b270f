// Csv {events, items, users}: comma-separated files with a header row.
#include "runtime/base/registry.h"
#include "runtime/data/source.h"

namespace rexp::data {
namespace {

Result<RawTables> interactions(const SourceInput& input) {
  return read_interactions(input, "events", read_csv, "items", "users", read_csv);
}

Result<RawTable> table(const SourceInput& input) { return read_only_file(input, read_csv); }

REXP_REGISTER(Source, Csv, interactions, table)

}  // namespace
}  // namespace rexp::data
