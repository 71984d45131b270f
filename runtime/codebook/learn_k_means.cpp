// ResidualKMeans {vectors, levels, iterations, pca}
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/k_means.h"
#include "runtime/codebook/learn.h"
#include "runtime/codebook/spectral.h"

namespace rexp::codebook {
namespace {

Result<Codes> learn(const nlohmann::json& args, const LearnInput& in) {
  Codes out{{64, 64, 64}, {}};
  KMeansOptions options{.seed = in.seed};
  int64_t input = 0, components = 0;
  Fields fields(args, "the codebook's learner");
  fields.input("vectors", &input);
  fields.counts("levels", &out.level_sizes, 1, "a list of whole numbers of at least 1");
  fields.count("iterations", &options.iterations, 1, "a whole number of at least 1");
  fields.count("pca", &components, 1, "a whole number of at least 1");
  REXP_TRY(fields.status());
  Result<Vectors> vectors = in.vectors(input);
  if (!vectors.ok()) return vectors.error();
  if (vectors->rows != in.dataset->item_count())
    return internal_error("residual k-means needs a vector per item");
  if (components > vectors->size) {
    return user_error("`pca` is " + std::to_string(components) + ", the vectors have " +
                          std::to_string(vectors->size) + " numbers",
                      "lower `pca`, or leave it out");
  }
  Quantiser quantiser;
  if (components > 0)
    quantiser.layers.push_back(pca(*vectors, static_cast<int32_t>(components), in.seed));
  const Vectors reduced = components > 0 ? quantiser.layers.front().of(*vectors) : *vectors;
  quantiser.centroids = residual_k_means(reduced, out.level_sizes, options);
  Result<std::vector<std::vector<int32_t>>> codes = quantiser.encode(*vectors);
  if (!codes.ok()) return codes.error();
  out.codes = std::move(*codes);
  out.quantiser = std::move(quantiser);
  out.vectors = std::move(*vectors);
  return out;
}

REXP_REGISTER(Learner, ResidualKMeans, learn)

}  // namespace
}  // namespace rexp::codebook
