#include "runtime/quantiser/tensors.h"

namespace rexp::quantiser {

at::Tensor to_tensor(const codebook::Vectors& vectors) {
  return at::tensor(vectors.values, at::kFloat).view({vectors.rows, vectors.size});
}

codebook::Vectors to_vectors(const at::Tensor& matrix) {
  return {matrix.size(0), static_cast<int32_t>(matrix.size(1)), to_floats(matrix)};
}

std::vector<float> to_floats(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* data = plain.const_data_ptr<float>();
  return {data, data + plain.numel()};
}

}  // namespace rexp::quantiser
