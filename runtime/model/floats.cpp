#include "runtime/model/floats.h"

#include <ATen/ATen.h>

namespace rexp::model {

std::vector<float> to_floats(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const float* data = plain.const_data_ptr<float>();
  return {data, data + plain.numel()};
}

}  // namespace rexp::model
