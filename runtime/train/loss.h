// Cross entropy over the positions that carry a label, and nowhere else.
//
// The usual way computes logits at every position and keeps several [tokens, vocabulary] matrices. Here only the hidden rows of
// the labels meet the head, a chunk of rows at a time, and the gradients of the chunk are made at once, so that memory is one
// [chunk, vocabulary] matrix whatever the batch (the idea of Cut Cross-Entropy, arXiv 2411.09009, without its custom kernel).
//
//   loss = sum_i w_i (logsumexp(h_i W^T) - h_i . W[y_i]) / weight
//
// The head may come in blocks of rows, [h W_base^T | h W_new^T]; a block that does not require a gradient gets none.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace rexp::train {

struct LossOutput {
  at::Tensor loss;    // scalar with a gradient
  at::Tensor losses;  // [labels] unweighted loss of each label, without a gradient
};

/// `hidden` [labels, d] float; `head`: blocks [rows, d] whose rows together are the vocabulary; `targets` [labels] int64;
/// `weights` [labels] float; `weight`: what the weighted sum is divided by (the whole batch's, not this micro-batch's).
LossOutput label_loss(const at::Tensor& hidden, const std::vector<at::Tensor>& head,
                      const at::Tensor& targets, const at::Tensor& weights, double weight);

}  // namespace rexp::train
