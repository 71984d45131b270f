// Work that may crash or never end, done in a process of its own.
//
//   const Ended end = run_apart(1.0, [] { return compile("a.rexp") ? 0 : 3; });
//   end.how == Ended::How::out_of_time
//
// Time is processor time, so a busy machine changes nothing.
#pragma once

#include <functional>
#include <string>

namespace rexp::testing {

struct Ended {
  enum class How { exited, killed, out_of_time } how = How::exited;
  int code = 0;         // exit code, or the signal
  double seconds = 0;   // of processor time
  std::string printed;  // on standard error
};

Ended run_apart(double limit_seconds, const std::function<int()>& work);

}  // namespace rexp::testing
