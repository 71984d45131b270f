// From examples to what the model reads: one flat stream of tokens, with offsets instead of padding.
//
//   examples  [a b c] [d e]      labels: b c (of a, b), e (of d)
//   rows      a b c d e          offsets 0 3 5     label_at 0 1 3     targets b c e
//
// A batch is what one optimizer step learns from. It is cut into micro-batches of at most `max_tokens` tokens (one example is never
// cut), examples of similar length together; gradients of the micro-batches add up, so the cut changes nothing but memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/train/example.h"

namespace rexp::train {

class Objective;

struct Packed {
  std::vector<int64_t> rows;      // [tokens] rows of the embedding matrix
  std::vector<int64_t> numbers;   // [tokens] a number of its own for each token of the stage
  std::vector<int64_t> offsets;   // [examples + 1]
  std::vector<int64_t> label_at;  // [labels] positions whose next token is a target
  std::vector<int64_t> targets;   // [labels] rows of the targets
  std::vector<float> weights;     // [labels]
  std::vector<uint8_t> levels;    // [labels] SID level of the target
  std::vector<int32_t> tasks;     // [labels] task of the example
  std::vector<int32_t> choices;  // [labels] what the target is chosen among (objective.h), or empty
};

struct Batch {
  int64_t step = 0;
  std::vector<Packed> parts;  // without a label: none
  int64_t tokens = 0;         // of all parts
  int64_t labels = 0;
  double weight = 0;    // sum of the label weights: what the loss is divided by
  int64_t dropped = 0;  // examples that the overflow rule left out
};

/// Row of the embedding matrix for every id of the full tokenizer; -1 where the model owns none.
using RowOfId = std::vector<int64_t>;

/// Packs the examples of one step. Examples without a target are left out: they cannot change the gradient.
/// `level_weight[l - 1]` weighs targets of level l (past its end, and at level 0: 1); targets of weight 0 are no targets.
/// `objective` says what targets are chosen among; null: the whole vocabulary.
/// Internal error when an id has no row: the vocabulary grows before training.
Result<Batch> pack(int64_t step, std::span<const Example> examples, const RowOfId& row_of_id,
                   std::span<const double> level_weight, int64_t max_tokens,
                   const Objective* objective = nullptr);

}  // namespace rexp::train
