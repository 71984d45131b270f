// IndexFile {path, shift}: codes that another tool wrote.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/index_file.h"
#include "runtime/codebook/learn.h"

namespace rexp::codebook {
namespace {

Result<Codes> learn(const nlohmann::json& args, const LearnInput& in) {
  int64_t shift = 0;
  Fields fields(args, "the codebook's learner");
  fields.count("shift", &shift, std::numeric_limits<int64_t>::min(), "a whole number");
  REXP_TRY(fields.status());
  const auto path = in.files.find("path");
  if (path == in.files.end()) return internal_error("an index file has no place");
  Result<IndexFile> index = read_index_file(path->second);
  if (!index.ok()) return index.error();
  Result<Codebook> book = from_index_file(*index, *in.dataset, shift);
  if (!book.ok()) return book.error();
  return Codes{std::move(book->level_sizes), std::move(book->codes),
               std::move(book->level_surfaces)};
}

REXP_REGISTER(Learner, IndexFile, learn)

}  // namespace
}  // namespace rexp::codebook
