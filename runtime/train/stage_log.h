// What a stage leaves behind for people: log.jsonl (one row every so many steps) and samples.jsonl (a few examples of every task).
//
//   {"step": 120, "loss": 2.31, "levels": {"0": 0.4, "1": 4.1}, "tasks": {"0": 2.3}, "lr": 0.0019, "tokens_per_second": 41250}
//   {"task": 0, "row": 7, "tokens": 42, "position": 310, "ids": [..], "mask": [0, .., 1], "text": "…<|sid_17|>…",
//    "trained": ["<|sid_17|><|im_end|>"]}      ids and mask as the step gets them; text and trained stretches for people
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/text/tokenizer.h"
#include "runtime/train/example.h"
#include "runtime/train/train_step.h"
#include "runtime/train/vocabulary_growth.h"

namespace rexp::train {

/// Sums of losses between two rows of the log.
class StageLog : public LossLog {
 public:
  /// Appends to work/log.jsonl after its first `keep_bytes` bytes.
  static Result<StageLog> open(const std::string& work, int64_t keep_bytes, int64_t total_steps);

  void add(uint8_t level, int32_t task, double loss) override;
  void add_step(double loss, int64_t tokens) {
    ++steps_;
    loss_ += loss;
    tokens_ += tokens;
  }
  /// Writes a row when `step` (1-based) is one that the log keeps: about two thousand in a stage, the first and the last among them.
  Status write(int64_t step, double lr, double seconds);
  int64_t bytes() const { return bytes_; }

 private:
  struct Sum {
    double loss = 0;
    int64_t count = 0;
    void add(double one) {
      loss += one;
      ++count;
    }
  };
  std::string path_;
  int64_t bytes_ = 0, total_ = 0, every_ = 1;
  int64_t steps_ = 0, tokens_ = 0;
  double loss_ = 0, since_ = 0;
  std::map<int, Sum> levels_, tasks_;
};

/// The first few examples of every task in the stage's stream.
Status write_samples(const std::string& work, ExampleSource* source, int64_t rows,
                     const text::Tokenizer* tokenizer, const std::vector<CodebookInput>& codebooks);

}  // namespace rexp::train
