#include "runtime/model/matmul.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>
#include <string_view>

namespace rexp::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kFewRows = 64;  // below, MKL starts faster than oneDNN

// ---- oneDNN -----------------------------------------------------------------------------------------------------

/// x w^T as LibTorch's own compiler calls it: (x, w, bias, activation, its scalars, its algorithm).
using LinearPointwise = at::Tensor(const at::Tensor&, const at::Tensor&,
                                   const std::optional<at::Tensor>&, std::string_view,
                                   c10::List<std::optional<at::Scalar>>,
                                   std::optional<std::string_view>);

/// Nothing where LibTorch was built without oneDNN.
const std::optional<c10::TypedOperatorHandle<LinearPointwise>>& linear_pointwise() {
  static const auto found = []() -> std::optional<c10::TypedOperatorHandle<LinearPointwise>> {
    const auto handle = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    if (!handle || !handle->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return std::nullopt;
    return handle->typed<LinearPointwise>();
  }();
  return found;
}

bool for_one_dnn(const at::Tensor& a, const at::Tensor& b) {
  return a.is_cpu() && a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat &&
         linear_pointwise().has_value();
}

at::Tensor one_dnn(const at::Tensor& x, const at::Tensor& w) {
  return linear_pointwise()->call(x, w, std::nullopt, "none",
                                  c10::List<std::optional<at::Scalar>>(), "");
}

// ---- a linear layer ---------------------------------------------------------------------------------------------

class Linears : public torch::autograd::Function<Linears> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& x_in,
                               Precision precision, at::TensorList weights) {
    const at::AutoDispatchBelowADInplaceOrView below;
    const at::Tensor x = rounded(x_in, precision);
    variable_list outputs, saved = {x};
    for (const at::Tensor& weight : weights) {
      outputs.push_back(times_transposed(x, rounded(weight, precision)).to(x_in.scalar_type()));
      saved.push_back(weight);
    }
    context->save_for_backward(saved);
    context->saved_data["precision"] = static_cast<int64_t>(precision);
    return outputs;
  }

  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const auto precision = static_cast<Precision>(context->saved_data["precision"].toInt());
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    at::Tensor dx;
    variable_list d_weights;
    for (size_t i = 0; i < d_outputs.size(); ++i) {
      const at::Tensor &weight = saved[i + 1], dy = rounded(d_outputs[i], precision);
      if (context->needs_input_grad(0)) {
        const at::Tensor part = times(dy, rounded(weight, precision));
        dx = dx.defined() ? dx.add_(part) : part.to(d_outputs[i].scalar_type());
      }
      d_weights.push_back(context->needs_input_grad(i + 1)
                              ? transposed_times(dy, x).to(weight.scalar_type())
                              : at::Tensor());
    }
    variable_list d_inputs = {dx, at::Tensor()};
    d_inputs.insert(d_inputs.end(), d_weights.begin(), d_weights.end());
    return d_inputs;
  }
};

}  // namespace

at::Tensor rounded(const at::Tensor& x, Precision precision) {
  return precision == Precision::bf16 ? x.to(at::kBFloat16) : x;
}

at::Tensor times_transposed(const at::Tensor& x, const at::Tensor& w) {
  if (x.size(0) < kFewRows || !for_one_dnn(x, w)) return at::mm(x, w.t());
  return one_dnn(x, w);
}

at::Tensor times(const at::Tensor& dy, const at::Tensor& w) {
  if (dy.size(0) < kFewRows || !for_one_dnn(dy, w)) return at::mm(dy, w);
  return one_dnn(dy, w.t());
}

at::Tensor transposed_times(const at::Tensor& dy, const at::Tensor& x) {
  if (dy.size(0) < kFewRows || !for_one_dnn(dy, x)) return at::mm(dy.t(), x);
  // the narrower factor is transposed for it: the product is twice as fast, and that is the smaller copy
  if (dy.size(1) <= x.size(1)) return one_dnn(dy.t().contiguous(), x.t());
  return one_dnn(x.t().contiguous(), dy.t()).t().contiguous();
}

std::vector<at::Tensor> linears(const at::Tensor& x, at::TensorList weights, Precision precision) {
  return Linears::apply(x, precision, weights);
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, Precision precision) {
  return linears(x, {weight}, precision)[0];
}

}  // namespace rexp::model
