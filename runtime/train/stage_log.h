// What a stage leaves behind for people: log.jsonl (one row every so many steps) and samples.jsonl (a few examples of every task).
//
//   {"step": 120, "loss": 2.31, "levels": {"0": 0.4, "1": 4.1}, "tasks": {"0": 2.3}, "lr": 0.0019}
//   {"step": 120, .., "quantities": {"reconstruction": 0.31, "usage 1": 0.97}}      of what measures more than losses
//   {"task": 0, "row": 7, "tokens": 42, "position": 310, "ids": [..], "mask": [0, .., 1], "text": "…<|sid_17|>…",
//    "trained": ["<|sid_17|><|im_end|>"]}      ids and mask as the step gets them; text and trained stretches for people
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/text/tokenizer.h"
#include "runtime/train/example.h"
#include "runtime/train/loss_sums.h"
#include "runtime/train/vocabulary_growth.h"

namespace rexp::train {

/// The log of losses: sums since its last row, and the rows themselves. Holds no clock: a stage that was killed and continued leaves
/// the same bytes.
class StageLog {
 public:
  /// Goes on after the first `keep_bytes` bytes of work/log.jsonl with the sums that `sums()` gave then. Nothing kept: a new log.
  static Result<StageLog> open(const std::string& work, int64_t keep_bytes, const std::string& sums,
                               int64_t total_steps);

  void add_step(double loss, const LossSums& losses);
  /// Writes a row when `step` (1-based) is one that the log keeps: about two thousand in a stage, the first and the last among them.
  Status write(int64_t step, double lr);
  int64_t bytes() const { return bytes_; }
  /// What was added since the last row, as text; exact.
  std::string sums() const;

 private:
  bool read_sums(const std::string& text);

  std::string path_;
  int64_t bytes_ = 0, total_ = 0, every_ = 1;
  LossSums::Sum all_;
  LossSums losses_;
};

/// The first few examples of every task in the stage's stream.
Status write_samples(const std::string& work, ExampleSource* source, int64_t rows,
                     const text::Tokenizer* tokenizer, const std::vector<CodebookInput>& codebooks);

}  // namespace rexp::train
