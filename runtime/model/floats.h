// Numbers of a tensor where plain code computes with them.
#pragma once

#include <vector>

namespace at {
class Tensor;
}

namespace rexp::model {

/// A copy in row-major order, wherever the tensor lies and of whatever numbers it is made.
std::vector<float> to_floats(const at::Tensor& tensor);

}  // namespace rexp::model
