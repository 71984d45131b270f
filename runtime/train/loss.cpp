#include "runtime/train/loss.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <algorithm>
#include <utility>

#include "runtime/base/assert.h"
#include "runtime/model/matmul.h"

namespace rexp::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kChunkLogits = int64_t{1} << 22;  // logits computed at once: 16 MB of floats

/// out += a b, with the factors rounded already. fp32 sums where `out` lies; a product of bf16 factors is made first.
void add_product(at::Tensor out, const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() == out.scalar_type())
    out.addmm_(a, b);
  else
    out.add_(at::mm(a, b));
}

// Logits of one chunk, block beside block; `hidden` and `head` are rounded.
at::Tensor chunk_logits(const at::Tensor& hidden, at::TensorList head) {
  std::vector<at::Tensor> blocks;
  for (const at::Tensor& block : head) blocks.push_back(at::mm(hidden, block.t()).to(at::kFloat));
  return blocks.size() == 1 ? blocks[0] : at::cat(blocks, 1);
}

class LabelLoss : public torch::autograd::Function<LabelLoss> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& hidden,
                               const at::Tensor& targets, const at::Tensor& weights, double weight,
                               double smoothing, bool with_gradient, int64_t precision_index,
                               at::TensorList head) {
    at::AutoDispatchBelowADInplaceOrView below;
    const auto precision = static_cast<model::Precision>(precision_index);
    std::vector<at::Tensor> factors;  // the head as products read it
    for (const at::Tensor& block : head) factors.push_back(model::rounded(block, precision));
    int64_t vocabulary = 0;
    for (const at::Tensor& block : head) vocabulary += block.size(0);
    const int64_t labels = hidden.size(0), chunk = std::max<int64_t>(1, kChunkLogits / vocabulary);
    at::Tensor losses = at::empty({labels}, hidden.options());
    at::Tensor d_hidden;
    if (with_gradient) d_hidden = at::zeros_like(hidden);
    variable_list d_head;
    for (const at::Tensor& block : head)
      d_head.push_back(with_gradient && block.requires_grad() ? at::zeros_like(block)
                                                              : at::Tensor());
    for (int64_t begin = 0; begin < labels; begin += chunk) {
      const int64_t size = std::min(chunk, labels - begin);
      const at::Tensor rows = hidden.narrow(0, begin, size),
                       target = targets.narrow(0, begin, size).unsqueeze(1);
      at::Tensor log_p = at::log_softmax(chunk_logits(model::rounded(rows, precision), factors), 1);
      at::Tensor loss = log_p.gather(1, target).squeeze(1).mul_(smoothing - 1);
      if (smoothing > 0) loss.sub_(log_p.mean(1), smoothing);
      losses.narrow(0, begin, size).copy_(loss);
      if (!with_gradient) continue;
      // d loss / d logits = w / weight * (softmax - (1 - s) * one hot - s / V)
      at::Tensor scale = (weights.narrow(0, begin, size) / weight).unsqueeze(1);
      const at::Tensor& d_logits = log_p.exp_();  // in place
      if (smoothing > 0) d_logits.sub_(smoothing / static_cast<double>(vocabulary));
      d_logits.mul_(scale).scatter_add_(1, target, scale * (smoothing - 1));
      add_gradients(rows, d_logits, factors, precision, d_hidden.narrow(0, begin, size), &d_head);
    }
    variable_list saved = {d_hidden};
    saved.insert(saved.end(), d_head.begin(), d_head.end());
    if (with_gradient) context->save_for_backward(saved);
    at::Tensor loss = (losses * weights).sum(at::kDouble).div_(weight).to(hidden.scalar_type());
    context->mark_non_differentiable({losses});
    return {loss, losses};
  }

  static variable_list backward(AutogradContext* context, variable_list d_outputs) {
    const variable_list saved = context->get_saved_variables();
    REXP_ASSERT(!saved.empty(), "the loss was computed without gradients");
    const bool unit = d_outputs[0].item<float>() == 1.0f;
    const auto times = [&](const at::Tensor& gradient) {
      return !gradient.defined() || unit ? gradient : gradient * d_outputs[0];
    };
    variable_list d_inputs = {times(saved[0]), {}, {}, {}, {}, {}, {}};
    for (size_t i = 1; i < saved.size(); ++i) d_inputs.push_back(times(saved[i]));
    return d_inputs;
  }

 private:
  static void add_gradients(const at::Tensor& rows, const at::Tensor& d_logits, at::TensorList head,
                            model::Precision precision, at::Tensor d_rows, variable_list* d_head) {
    int64_t column = 0;
    for (size_t i = 0; i < head.size(); ++i) {
      const at::Tensor d_block = model::rounded(
          head.size() == 1 ? d_logits : d_logits.narrow(1, column, head[i].size(0)), precision);
      add_product(d_rows, d_block, head[i]);
      if ((*d_head)[i].defined())
        add_product((*d_head)[i], d_block.t(), model::rounded(rows, precision));
      column += head[i].size(0);
    }
  }
};

}  // namespace

LossOutput label_loss(const LossInput& in, double smoothing) {
  const bool with_gradient =
      at::GradMode::is_enabled() &&
      (in.hidden.requires_grad() || std::any_of(in.head.begin(), in.head.end(),
                                                [](const auto& t) { return t.requires_grad(); }));
  variable_list out =
      LabelLoss::apply(in.hidden, in.targets, in.weights, in.weight, smoothing, with_gradient,
                       static_cast<int64_t>(in.precision), at::TensorList(in.head));
  return {out[0], out[1]};
}

}  // namespace rexp::train
