// Another process of this program, whose standard output is kept.
//
//   auto child = Process::start({"run", "a.rexp", "s", "--only", "1", "--json"});
//   while (!child->finished()) ..
//   child->code(); child->output();
#pragma once

#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::driver {

class Process {
 public:
  /// Starts this very program with these arguments. Its standard error is ours. It gets SIGINT when we die, and none from the terminal:
  /// whoever started it passes that on.
  static Result<Process> start(const std::vector<std::string>& arguments);
  Process(Process&& other) noexcept;
  Process& operator=(Process&&) = delete;
  /// Waits for it.
  ~Process();

  /// Reads what is there to be read; whether the process has ended.
  bool finished();
  /// Once it has finished: its exit code, or 128 and the number of the signal that ended it.
  int code() const { return code_; }
  const std::string& output() const { return output_; }
  void interrupt() const;

 private:
  Process(int pid, int pipe) : pid_(pid), pipe_(pipe) {}
  void read();
  int pid_ = -1, pipe_ = -1, code_ = -1;
  std::string output_;
};

}  // namespace rexp::driver
