// The stream of examples that a stage learns from: position -> (token ids, which of them are trained, SID levels).
//
//   <|im_start|>user\n … <|im_end|>\n<|im_start|>assistant\n <|sid_17|><|sid_70|> <|im_end|>
//   ids of the full tokenizer; trained: 1 for the answer and its end mark; levels: 1, 2, .. inside a SID, else 0
//
// The stream is never stored: example `position` is a pure function of the position, so that workers may run in any order and a
// continued run needs only the number of the step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::train {

struct Example {
  std::vector<int32_t>
      ids;  // ids of the full tokenizer; empty when the overflow rule dropped the example
  std::vector<uint8_t>
      trained;  // trained[i]: token i is a target, predicted from the tokens before it
  std::vector<uint8_t> levels;  // SID level of token i, 0 for text and marks
  int32_t task = 0;             // index of the task
  int64_t row = 0;              // row of the task
  int64_t position = 0;         // in the stage's stream
};

/// `make` is called by one thread at a time, not always the same.
class ExampleSource {
 public:
  virtual ~ExampleSource() = default;
  /// Examples of one epoch.
  virtual int64_t epoch_rows() const = 0;
  /// The example at a position of the stage's stream; positions of the second epoch follow those of the first.
  virtual Result<Example> make(int64_t position) = 0;
  virtual int64_t tasks() const = 0;
};

}  // namespace rexp::train
