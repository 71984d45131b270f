#include "runtime/train/new_rows.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "runtime/base/random.h"
#include "runtime/model/weights.h"

namespace rexp::train {
namespace {

constexpr double kNoise = 0.1;  // of the deviation of the rows that are there

/// [from, to] with orthonormal columns, or rows where there are fewer.
at::Tensor random_projection(int64_t from, int64_t to, uint64_t s) {
  const at::Tensor drawn = model::random_normal({std::max(from, to), std::min(from, to)}, 1, s);
  const at::Tensor q = std::get<0>(at::linalg_qr(drawn));
  return from <= to ? q.t() : q;
}

at::Tensor tensor_of(const codebook::Vectors& vectors) {
  at::Tensor out = at::empty({vectors.rows, vectors.size});
  std::copy(vectors.values.begin(), vectors.values.end(), out.data_ptr<float>());
  return out;
}

/// Root of the mean square.
double size_of(const at::Tensor& tensor) { return tensor.square().mean().sqrt().item<double>(); }

/// Rows of the codes of one level, as they deviate from the mean row; undefined where all centroids are alike.
at::Tensor level_rows(const codebook::Vectors& centroids, const at::Tensor& projection,
                      double deviation) {
  const at::Tensor given = tensor_of(centroids);
  const at::Tensor rows = (given - given.mean(0, /*keepdim=*/true)).matmul(projection);
  const double size = size_of(rows);
  return size > 0 ? rows * (deviation / size) : at::Tensor();
}

/// Replaces the noise of codes by their centroids. `rows` are those of `ids`, ascending.
void place_centroids(const CodebookInput& input, std::span<const int32_t> ids, double deviation,
                     const at::Tensor& mean, uint64_t s, at::Tensor* rows) {
  const std::vector<codebook::Vectors>& levels = *input.centroids;
  const at::Tensor projection = random_projection(levels.front().size, mean.size(0), s);
  for (size_t level = 0; level < levels.size(); ++level) {
    const at::Tensor codes = level_rows(levels[level], projection, deviation);
    if (!codes.defined()) continue;
    const int32_t offset = input.codebook->level_offset(static_cast<int>(level));
    for (int64_t code = 0; code < codes.size(0); ++code) {
      const auto at = std::lower_bound(ids.begin(), ids.end(), input.ids[offset + code]);
      rows->select(0, at - ids.begin()).copy_(mean + codes.select(0, code));
    }
  }
}

at::Tensor rows_at_mean(const std::vector<const CodebookInput*>& gained,
                        std::span<const int32_t> ids, const at::Tensor& matrix, uint64_t s) {
  const auto [variance, mean] = at::var_mean(matrix.to(at::kCPU), {0}, /*unbiased=*/false);
  const double deviation = variance.mean().sqrt().item<double>();
  at::Tensor rows =
      mean + model::random_rows(ids, mean.size(0), kNoise * deviation, stream(s, "noise"));
  for (const CodebookInput* input : gained) {
    place_centroids(*input, ids, deviation, mean, stream(s, "projection"), &rows);
  }
  return rows;
}

}  // namespace

Status check_new_rows(const StageSpec& spec, const std::vector<const CodebookInput*>& gained) {
  if (spec.new_rows != NewRows::codebook) return {};
  for (const CodebookInput* input : gained) {
    const codebook::Codebook& book = *input->codebook;
    if (input->centroids == nullptr) {
      return user_error("stage `" + spec.stage + "` begins rows at the centroids of codebook `" +
                            book.name + "`, which was not learnt on vectors, so it has none",
                        "say `new_rows = mean_text`, or learn the codebook with "
                        "`residual_k_means` or `rq_vae`");
    }
    std::vector<int32_t> sizes;
    for (const codebook::Vectors& level : *input->centroids)
      sizes.push_back(static_cast<int32_t>(level.rows));
    std::vector<int32_t> learnt = book.level_sizes;
    if (book.extra_level) learnt.pop_back();
    if (sizes != learnt) {
      return user_error("the quantiser does not have the levels of codebook `" + book.name + "`",
                        "learn the codebook anew");
    }
  }
  return {};
}

model::MakeRows make_new_rows(NewRows kind, const std::vector<const CodebookInput*>& gained,
                              uint64_t s) {
  if (kind == NewRows::random) return model::random_rows_like_others(s);
  std::vector<const CodebookInput*> placed;
  if (kind == NewRows::codebook) placed = gained;
  return [placed = std::move(placed), s](std::span<const int32_t> ids, const at::Tensor& matrix,
                                         std::string_view name) {
    return rows_at_mean(placed, ids, matrix, stream(s, name));
  };
}

}  // namespace rexp::train
