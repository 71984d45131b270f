#include "runtime/train/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace rexp::train {
namespace {

using Clock = std::chrono::steady_clock;

std::string grouped(int64_t n) {
  const std::string digits = std::to_string(n);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out.push_back(',');
    out.push_back(digits[i]);
  }
  return out;
}

std::string duration(double seconds) {
  const auto s = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min " + std::to_string(s % 60) + " s";
  return std::to_string(s / 3600) + " h " + std::to_string(s / 60 % 60) + " min";
}

class StreamProgress : public Progress {
 public:
  explicit StreamProgress(std::FILE* stream)
      : stream_(stream), terminal_(isatty(fileno(stream)) != 0) {}

  void update(const ProgressState& state) override {
    const Clock::time_point now = Clock::now();
    const auto gap = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
    last_ = state;
    if (now - printed_ < gap && state.step != state.total) return;
    printed_ = now;
    print();
  }

  void done() override {
    if (terminal_) std::fputc('\n', stream_);
    std::fflush(stream_);
  }

 private:
  void print() {
    if (terminal_)
      std::fprintf(stream_, "\r%s\x1b[K", progress_line(last_, 24).c_str());
    else
      std::fprintf(stream_, "%s\n", progress_line(last_, 0).c_str());
    std::fflush(stream_);
  }

  std::FILE* stream_;
  bool terminal_;
  Clock::time_point printed_{};
  ProgressState last_;
};

}  // namespace

std::string progress_line(const ProgressState& state, int bar) {
  std::string line = state.stage;
  if (bar > 0) {
    const int full = state.total > 0 ? static_cast<int>(state.step * bar / state.total) : 0;
    line += "  ";
    for (int i = 0; i < bar; ++i) line += i < full ? "█" : "░";
  }
  line += "  " + grouped(state.step) + "/" + grouped(state.total);
  if (state.phase == "look") return line + " examples looked at for new tokens";
  if (state.phase == "decode") return line + " users";
  char loss[32];
  std::snprintf(loss, sizeof loss, "%.4f", state.loss);
  line += std::string("  loss ") + loss;
  if (state.tokens_per_second > 0)
    line += "  " + grouped(std::llround(state.tokens_per_second)) + " tokens/s";
  return state.step < state.total ? line + "  " + duration(state.seconds_left) + " left" : line;
}

std::unique_ptr<Progress> stream_progress(std::FILE* stream) {
  return std::make_unique<StreamProgress>(stream);
}

}  // namespace rexp::train
