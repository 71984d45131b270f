#include <ATen/core/grad_mode.h>
#include <algorithm>

#include "runtime/base/assert.h"
#include "runtime/model/transformer.h"

namespace rexp::model {

Score score(const Transformer& transformer, std::span<const int64_t> tokens) {
  constexpr int64_t kChunk = 64;  // positions whose logits exist at the same time
  REXP_ASSERT(!tokens.empty(), "a scored sequence has a token");
  const at::NoGradGuard no_grad;
  const Packed batch = pack({{tokens.begin(), tokens.end()}}, transformer.device());
  const at::Tensor hidden = transformer.hidden(batch);
  const int64_t pairs = batch.size() - 1;
  Score out;
  for (int64_t begin = 0; begin < pairs; begin += kChunk) {
    const int64_t n = std::min(kChunk, pairs - begin);
    const at::Tensor log_probs =
        at::log_softmax(transformer.logits(hidden.narrow(0, begin, n)).to(at::kDouble), -1);
    const at::Tensor next = batch.tokens.narrow(0, begin + 1, n).unsqueeze(1);
    const at::Tensor picked = log_probs.gather(1, next).squeeze(1).to(at::kCPU).contiguous();
    out.log_probs.insert(out.log_probs.end(), picked.data_ptr<double>(),
                         picked.data_ptr<double>() + n);
  }
  const at::Tensor last = transformer.logits(hidden.narrow(0, pairs, 1))
                              .reshape(-1)
                              .to(at::kCPU, at::kFloat)
                              .contiguous();
  out.last_logits.assign(last.data_ptr<float>(), last.data_ptr<float>() + last.numel());
  return out;
}

}  // namespace rexp::model
