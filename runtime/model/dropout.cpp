#include "runtime/model/dropout.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <optional>

#include "runtime/base/random.h"
#include "runtime/model/fused_loops.h"
#include "runtime/model/grain.h"

namespace rexp::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// fused_loops' add_dropped over fp32 tensors on the CPU; an undefined x is zero.
at::Tensor dropped_sum(const at::Tensor& x_in, const at::Tensor& branch_in,
                       const at::Tensor& tokens, uint64_t stream, uint32_t dropped) {
  const at::Tensor branch = branch_in.contiguous(), x = x_in.defined() ? x_in.contiguous() : x_in;
  at::Tensor y = at::empty_like(branch);
  const int64_t n = branch.size(1);
  const float *units = branch.const_data_ptr<float>(),
              *upon = x.defined() ? x.const_data_ptr<float>() : nullptr;
  const int64_t* numbers = tokens.const_data_ptr<int64_t>();
  float* to = y.mutable_data_ptr<float>();
  at::parallel_for(0, branch.size(0), grain(n), [&](int64_t begin, int64_t end) {
    const int64_t at = begin * n;
    add_dropped(upon == nullptr ? nullptr : upon + at, units + at, to + at, numbers + begin,
                end - begin, n, stream, dropped);
  });
  return y;
}

/// x + dropped branch; without x the latter alone.
class AddDropped : public torch::autograd::Function<AddDropped> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& branch,
                            const std::optional<at::Tensor>& x, const at::Tensor& tokens,
                            int64_t stream, int64_t dropped) {
    context->save_for_backward({tokens});
    context->saved_data["stream"] = stream;
    context->saved_data["dropped"] = dropped;
    context->saved_data["sum"] = x.has_value();
    return dropped_sum(x.value_or(at::Tensor()), branch, tokens, static_cast<uint64_t>(stream),
                       static_cast<uint32_t>(dropped));
  }
  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const auto stream = static_cast<uint64_t>(context->saved_data["stream"].toInt());
    const auto dropped = static_cast<uint32_t>(context->saved_data["dropped"].toInt());
    const at::Tensor tokens = context->get_saved_variables()[0];
    return {dropped_sum({}, d_outputs[0], tokens, stream, dropped),
            context->saved_data["sum"].toBool() ? d_outputs[0] : at::Tensor(), at::Tensor(),
            at::Tensor(), at::Tensor()};
  }
};

// ---- the same numbers from tensor operations, for every other device and type ------------------------------------

int64_t as_signed(uint64_t x) { return static_cast<int64_t>(x); }

at::Tensor shifted(const at::Tensor& x, int64_t bits) {
  return x.bitwise_right_shift(bits).bitwise_and((int64_t{1} << (64 - bits)) - 1);
}

/// base/random.h's, elementwise.
at::Tensor mix64(at::Tensor x) {
  x = x.add(as_signed(0x9E3779B97F4A7C15ull));
  x = x.bitwise_xor(shifted(x, 30)).mul(as_signed(0xBF58476D1CE4E5B9ull));
  x = x.bitwise_xor(shifted(x, 27)).mul(as_signed(0x94D049BB133111EBull));
  return x.bitwise_xor(shifted(x, 31));
}

/// Which units are kept, [T, n] bool.
at::Tensor kept_units(const at::Tensor& tokens, int64_t n, uint64_t stream, uint32_t dropped) {
  const int64_t draws = (n + kUnitsPerDraw - 1) / kUnitsPerDraw;
  const at::Tensor of_token =
      mix64(mix64(tokens.add(as_signed(kChildStream))).bitwise_xor(as_signed(stream)));
  const at::Tensor use = mix64(at::arange(draws, tokens.options()));
  const at::Tensor draw = mix64(of_token.unsqueeze(1).bitwise_xor(use)).unsqueeze(2);
  const at::Tensor places = at::arange(kUnitsPerDraw, tokens.options()).mul(16);
  return draw.bitwise_right_shift(places)
      .bitwise_and(0xFFFF)
      .ge(static_cast<int64_t>(dropped))
      .view({tokens.size(0), draws * kUnitsPerDraw})
      .narrow(1, 0, n);
}

uint32_t steps_of(double rate) { return static_cast<uint32_t>(std::lround(rate * kDropSteps)); }

at::Tensor drop_units(const std::optional<at::Tensor>& x, const at::Tensor& branch,
                      const at::Tensor& tokens, uint64_t stream, uint32_t dropped) {
  if (branch.is_cpu() && branch.scalar_type() == at::kFloat)
    return AddDropped::apply(branch, x, tokens, as_signed(stream), static_cast<int64_t>(dropped));
  const at::Tensor kept = kept_units(tokens.to(branch.device()), branch.size(1), stream, dropped);
  const at::Tensor scaled = branch * kept * (kDropSteps / (kDropSteps - dropped));
  return x ? *x + scaled : scaled;
}

}  // namespace

at::Tensor add_dropped(const at::Tensor& x, const at::Tensor& branch, const Dropout& dropout,
                       uint64_t place) {
  const at::Tensor tokens =
      dropout.tokens.defined() ? dropout.tokens : at::arange(branch.size(0), at::kLong);
  return drop_units(x, branch, tokens, stream(dropout.stream, place), steps_of(dropout.rate));
}

at::Tensor dropped(const at::Tensor& branch, double rate, uint64_t stream) {
  return drop_units({}, branch, at::arange(branch.size(0), at::kLong), stream, steps_of(rate));
}

}  // namespace rexp::model
