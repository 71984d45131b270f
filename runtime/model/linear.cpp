#include "runtime/model/linear.h"

#include <ATen/Context.h>
#include <torch/csrc/autograd/custom_function.h>

namespace rexp::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor rounded(const at::Tensor& x) { return x.to(at::kBFloat16); }

class LinearBf16 : public torch::autograd::Function<LinearBf16> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& w) {
    at::AutoDispatchBelowADInplaceOrView below;
    const at::Tensor x16 = rounded(x), w16 = rounded(w);
    context->save_for_backward({x16, w16});
    return at::mm(x16, w16.t()).to(at::kFloat);
  }
  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor d16 = rounded(d_outputs[0]);
    variable_list d_inputs(2);
    if (context->needs_input_grad(0)) d_inputs[0] = at::mm(d16, saved[1]).to(at::kFloat);
    if (context->needs_input_grad(1)) d_inputs[1] = at::mm(d16.t(), saved[0]).to(at::kFloat);
    return d_inputs;
  }
};

bool multiplies_bf16(at::Device device) {
#if defined(__x86_64__)
  if (device.is_cpu()) return __builtin_cpu_supports("avx512bf16") != 0;
#else
  if (device.is_cpu()) return false;
#endif
  return device.is_cuda();
}

}  // namespace

Result<Precision> pick_precision(const std::string& wanted, at::Device device) {
  if (wanted == "fp32") return Precision::fp32;
  if (wanted == "bf16") return Precision::bf16;
  if (wanted == "auto") return multiplies_bf16(device) ? Precision::bf16 : Precision::fp32;
  return user_error("precision '" + wanted + "' is not known; 'auto', 'fp32' and 'bf16' are");
}

const char* to_string(Precision precision) {
  return precision == Precision::bf16 ? "bf16" : "fp32";
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& w, Precision precision) {
  return precision == Precision::bf16 ? LinearBf16::apply(x, w) : at::linear(x, w);
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b, Precision precision) {
  if (precision == Precision::fp32) return at::mm(a, b);
  return at::mm(rounded(a), rounded(b)).to(at::kFloat);
}

}  // namespace rexp::model
