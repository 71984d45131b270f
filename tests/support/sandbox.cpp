#include "tests/support/sandbox.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace rexp::testing {

namespace {

timeval to_timeval(double seconds) {
  const double whole = std::floor(seconds);
  return {static_cast<time_t>(whole), static_cast<suseconds_t>((seconds - whole) * 1e6)};
}

double to_seconds(timeval t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

/// Memory that a program of this size cannot need. Sanitizers reserve more than there is.
void limit_memory() {
#ifndef __SANITIZE_ADDRESS__
  const rlimit limit{rlim_t{4} << 30, rlim_t{4} << 30};
  setrlimit(RLIMIT_AS, &limit);
#endif
}

[[noreturn]] void become_worker(double limit, int err, const std::function<int()>& work) {
  dup2(err, STDERR_FILENO);
  limit_memory();
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const itimerval timer{{0, 0}, to_timeval(limit)};
  setitimer(ITIMER_PROF, &timer, nullptr);
  const int code = work();
  std::fflush(stderr);
  _exit(code);
}

std::string all_of(int file) {
  std::string text;
  char buffer[4096];
  lseek(file, 0, SEEK_SET);
  for (ssize_t n = 0; (n = read(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(n));
  return text;
}

}  // namespace

Ended run_apart(double limit_seconds, const std::function<int()>& work) {
  std::FILE* err = std::tmpfile();
  const pid_t pid = fork();
  if (pid == 0) become_worker(limit_seconds, fileno(err), work);
  int status = 0;
  rusage used{};
  wait4(pid, &status, 0, &used);
  Ended end;
  end.seconds = to_seconds(used.ru_utime) + to_seconds(used.ru_stime);
  end.printed = all_of(fileno(err));
  std::fclose(err);
  if (WIFEXITED(status)) {
    end.code = WEXITSTATUS(status);
  } else {
    end.code = WTERMSIG(status);
    end.how = end.code == SIGPROF ? Ended::How::out_of_time : Ended::How::killed;
  }
  return end;
}

}  // namespace rexp::testing
