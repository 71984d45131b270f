// ppmi_svd {train, size, window}
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/item_vectors.h"
#include "runtime/codebook/learn.h"
#include "runtime/data/rows.h"

namespace rexp::codebook {
namespace {

Result<Vectors> learn(const nlohmann::json& args, const LearnInput& in) {
  int64_t size = 48, window = 5;
  Fields fields(args, "ppmi_svd");
  fields.count("size", &size, 1, "a whole number of at least 1");
  fields.count("window", &window, 1, "a whole number of at least 1");
  REXP_TRY(fields.status());
  REXP_TRY(data::check_train(args));
  int64_t cold = 0;
  Vectors vectors = ppmi_svd(*in.dataset, {static_cast<int32_t>(size), window, in.seed}, &cold);
  if (cold > 0) {
    in.note(std::to_string(cold) + " of " + std::to_string(in.dataset->item_count()) +
            " items have no neighbour in train: their vectors are noise near the origin");
  }
  return vectors;
}

REXP_REGISTER(VectorsKind, ppmi_svd, learn)

}  // namespace
}  // namespace rexp::codebook
