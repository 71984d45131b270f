// The cross entropy over the positions that carry a label.
//
// The usual way computes logits at every position and keeps several [tokens, vocabulary] matrices. Here only the hidden rows of
// the labels meet the head, a chunk of rows at a time, and the gradients of the chunk are made at once, so that memory is one
// [chunk, vocabulary] matrix whatever the batch (the idea of Cut Cross-Entropy, arXiv 2411.09009, without its custom kernel).
//
//   loss = sum_i w_i (logsumexp(h_i W^T) - h_i . W[y_i]) / weight
//
// With label smoothing s the target is (1 - s) of the label and s / V of every row of the vocabulary.
// The head may come in blocks of rows, [h W_base^T | h W_new^T]; a block that does not require a gradient gets none.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/model/device.h"

namespace rexp::train {

struct LossInput {
  at::Tensor hidden;             // [labels, d] float
  std::vector<at::Tensor> head;  // blocks [rows, d] whose rows together are the vocabulary
  at::Tensor targets;            // [labels] int64
  at::Tensor weights;            // [labels] float
  double weight = 1;  // what the weighted sum is divided by: the whole batch's, not this part's
  model::Precision precision = model::Precision::fp32;
  /// [labels] what each is chosen among (objective.h); empty: the vocabulary.
  std::span<const int32_t> choices = {};
};

struct LossOutput {
  at::Tensor loss;    // scalar with a gradient
  at::Tensor losses;  // [labels] unweighted loss of each label, without a gradient
};

/// Of labels that are chosen among the whole vocabulary.
LossOutput label_loss(const LossInput& in, double smoothing = 0);

}  // namespace rexp::train
