// What a person sees while a stage runs: a bar on a terminal, a plain line every ten seconds in a log file.
//
//   pretrain  ████████░░░░  1,204/3,000  loss 2.318  41,250 tokens/s  2 min 10 s left
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace rexp::train {

struct ProgressState {
  std::string stage;
  std::string phase = "train";  // "look": the pass that finds new tokens; "decode": users answered
  int64_t step = 0, total = 0;
  double loss = 0;
  double tokens_per_second = 0;
  double seconds_left = 0;
};

/// Told after every step; decides itself how often to print.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void update(const ProgressState& state) = 0;
  /// The stage ended; the last state stays on the screen.
  virtual void done() = 0;
};

/// Prints to `stream`: a bar when it is a terminal, else lines.
std::unique_ptr<Progress> stream_progress(std::FILE* stream = stderr);

/// One state as a line without its end; `bar` cells wide (0: no bar).
std::string progress_line(const ProgressState& state, int bar);

}  // namespace rexp::train
