// vectors_file {items, path}: vectors that another tool wrote.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/learn.h"
#include "runtime/codebook/vector_lines.h"

namespace rexp::codebook {
namespace {

Result<Vectors> learn(const nlohmann::json& args, const LearnInput& in) {
  int64_t items = 0;
  Fields fields(args, "vectors_file");
  fields.input("items", &items);
  REXP_TRY(fields.status());
  REXP_TRY(check_all_items(in, items, "vectors_file"));
  const auto path = in.files.find("path");
  if (path == in.files.end()) return internal_error("a file of vectors has no place");
  const Result<VectorLines> lines = read_vector_lines(path->second);
  if (!lines.ok()) return lines.error();
  int64_t strangers = 0;
  Result<Vectors> vectors = vectors_of_items(*lines, *in.dataset, &strangers);
  if (vectors.ok() && strangers > 0) {
    in.note(std::to_string(strangers) + " of " + std::to_string(lines->vectors.rows) +
            " vectors of the file belong to no item of the dataset");
  }
  return vectors;
}

REXP_REGISTER(VectorsKind, vectors_file, learn)

}  // namespace
}  // namespace rexp::codebook
