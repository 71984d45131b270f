#include "runtime/model/fused_ops.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstring>

#include "runtime/model/fused_loops.h"
#include "runtime/model/grain.h"

namespace rexp::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool ours(const at::Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat; }

// ---- RMSNorm ----------------------------------------------------------------------------------------------------

class RmsNorm : public torch::autograd::Function<RmsNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x_in,
                            const at::Tensor& weight, double eps) {
    const at::Tensor x = x_in.contiguous();
    const int64_t n = x.size(-1), rows = x.numel() / n;
    at::Tensor y = at::empty_like(x), inverse = at::empty({rows}, x.options());
    const float* from = x.const_data_ptr<float>();
    const float* w = weight.const_data_ptr<float>();
    float* to = y.mutable_data_ptr<float>();
    float* scales = inverse.mutable_data_ptr<float>();
    at::parallel_for(0, rows, grain(n), [&](int64_t begin, int64_t end) {
      rms_forward(from + begin * n, w, to + begin * n, scales + begin, end - begin, n,
                  static_cast<float>(eps));
    });
    context->save_for_backward({x, weight, inverse});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &inverse = saved[2],
                     dy = d_outputs[0].contiguous();
    const int64_t n = x.size(-1), rows = x.numel() / n;
    // weight gradients add up within blocks of a fixed size, then block by block
    const int64_t block = grain(n), blocks = (rows + block - 1) / block;
    const bool with_weight = context->needs_input_grad(1);
    at::Tensor dx = at::empty_like(x),
               partial = with_weight ? at::zeros({blocks, n}, x.options()) : at::Tensor();
    float* parts = with_weight ? partial.mutable_data_ptr<float>() : nullptr;
    const float *from = x.const_data_ptr<float>(), *w = weight.const_data_ptr<float>(),
                *scales = inverse.const_data_ptr<float>(), *upper = dy.const_data_ptr<float>();
    float* to = dx.mutable_data_ptr<float>();
    at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        const int64_t first = b * block, size = std::min(block, rows - first);
        rms_backward(upper + first * n, from + first * n, w, scales + first, to + first * n,
                     parts == nullptr ? nullptr : parts + b * n, size, n);
      }
    });
    return {dx, with_weight ? partial.sum(0) : at::Tensor(), at::Tensor()};
  }
};

// ---- rotary embedding -------------------------------------------------------------------------------------------

at::Tensor turned(const at::Tensor& x_in, const at::Tensor& cos, const at::Tensor& sin,
                  float sign) {
  const at::Tensor x = x_in.contiguous();
  const int64_t heads = x.size(1), width = x.size(2), half = width / 2;
  at::Tensor y = at::empty_like(x);
  const float *from = x.const_data_ptr<float>(), *c = cos.const_data_ptr<float>(),
              *s = sin.const_data_ptr<float>();
  float* to = y.mutable_data_ptr<float>();
  at::parallel_for(0, x.size(0), grain(heads * width), [&](int64_t begin, int64_t end) {
    const int64_t at = begin * heads * width;
    turn(from + at, c + begin * half, s + begin * half, to + at, end - begin, heads, half, sign);
  });
  return y;
}

class Rotate : public torch::autograd::Function<Rotate> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin) {
    context->save_for_backward({cos, sin});
    return turned(x, cos, sin, 1.0f);
  }
  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const variable_list saved = context->get_saved_variables();
    return {turned(d_outputs[0], saved[0], saved[1], -1.0f), at::Tensor(), at::Tensor()};
  }
};

// ---- gated feed-forward -----------------------------------------------------------------------------------------

class SwiGlu : public torch::autograd::Function<SwiGlu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate_in,
                            const at::Tensor& up_in) {
    const at::Tensor gate = gate_in.contiguous(), up = up_in.contiguous(),
                     sigmoid = at::sigmoid(gate);
    at::Tensor y = at::empty_like(gate);
    const float *g = gate.const_data_ptr<float>(), *s = sigmoid.const_data_ptr<float>(),
                *u = up.const_data_ptr<float>();
    float* to = y.mutable_data_ptr<float>();
    at::parallel_for(0, y.numel(), kLeastWork, [&](int64_t begin, int64_t end) {
      gated_forward(g + begin, s + begin, u + begin, to + begin, end - begin);
    });
    context->save_for_backward({gate, sigmoid, up});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor dy = d_outputs[0].contiguous();
    at::Tensor d_gate = at::empty_like(dy), d_up = at::empty_like(dy);
    const float *upper = dy.const_data_ptr<float>(), *g = saved[0].const_data_ptr<float>(),
                *s = saved[1].const_data_ptr<float>(), *u = saved[2].const_data_ptr<float>();
    float *dg = d_gate.mutable_data_ptr<float>(), *du = d_up.mutable_data_ptr<float>();
    at::parallel_for(0, dy.numel(), kLeastWork, [&](int64_t begin, int64_t end) {
      gated_backward(upper + begin, g + begin, s + begin, u + begin, dg + begin, du + begin,
                     end - begin);
    });
    return {d_gate, d_up};
  }
};

// ---- rows -------------------------------------------------------------------------------------------------------

// Zeros of `sizes` with row index[i] set to row i of `rows`.
at::Tensor placed_rows(const at::Tensor& rows_in, const at::Tensor& index, at::IntArrayRef sizes) {
  const at::Tensor rows = rows_in.contiguous();
  at::Tensor out = at::zeros(sizes, rows.options());
  if (!ours(rows)) return out.index_copy_(0, index, rows);
  const int64_t count = index.size(0), width = count == 0 ? 0 : rows.numel() / count;
  const float* from = rows.const_data_ptr<float>();
  const int64_t* place = index.const_data_ptr<int64_t>();
  float* to = out.mutable_data_ptr<float>();
  for (int64_t i = 0; i < count; ++i)
    std::memcpy(to + place[i] * width, from + i * width,
                static_cast<size_t>(width) * sizeof(float));
  return out;
}

class DistinctRows : public torch::autograd::Function<DistinctRows> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& index) {
    context->saved_data["sizes"] = x.sizes().vec();
    context->save_for_backward({index});
    return x.index_select(0, index);
  }
  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    return {placed_rows(d_outputs[0], context->get_saved_variables()[0],
                        context->saved_data["sizes"].toIntVector()),
            at::Tensor()};
  }
};

class PaddedRows : public torch::autograd::Function<PaddedRows> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& gather,
                            const at::Tensor& slot_of) {
    context->save_for_backward({slot_of});
    return x.index_select(0, gather);
  }
  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    return {d_outputs[0].index_select(0, context->get_saved_variables()[0]), at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return ours(x) ? RmsNorm::apply(x, weight, eps) : at::rms_norm(x, {x.size(-1)}, weight, eps);
}

at::Tensor rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin) {
  if (ours(x)) return Rotate::apply(x, cos, sin);
  const auto halves = x.chunk(2, -1);
  return at::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1);
}

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up) {
  return ours(gate) ? SwiGlu::apply(gate, up) : at::silu(gate) * up;
}

at::Tensor distinct_rows(const at::Tensor& x, const at::Tensor& index) {
  return DistinctRows::apply(x, index);
}

at::Tensor padded_rows(const at::Tensor& x, const at::Tensor& gather, const at::Tensor& slot_of) {
  return PaddedRows::apply(x, gather, slot_of);
}

}  // namespace rexp::model
