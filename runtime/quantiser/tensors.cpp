#include "runtime/quantiser/tensors.h"

#include "runtime/model/floats.h"

namespace rexp::quantiser {

at::Tensor to_tensor(const codebook::Vectors& vectors) {
  return at::tensor(vectors.values, at::kFloat).view({vectors.rows, vectors.size});
}

codebook::Vectors to_vectors(const at::Tensor& matrix) {
  return {matrix.size(0), static_cast<int32_t>(matrix.size(1)), model::to_floats(matrix)};
}

}  // namespace rexp::quantiser
