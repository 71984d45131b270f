// Forked processes that join a group on this machine. A program that uses this must not compute with LibTorch before it forks: its
// threads would not be there in the child.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/group/process_group.h"
#include "tests/support/free_port.h"

namespace rexp::group {

inline Launch local_launch(int rank, int size, uint16_t port) {
  Launch launch;
  launch.rank = rank;
  launch.size = launch.on_this_machine = size;
  launch.address = "127.0.0.1";
  launch.port = port;
  launch.attempt = "0";
  return launch;
}

/// The exit code of a process that does this and ends; 128 + signal where one ended it.
inline int exit_code(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Exit codes of `size` processes that run `body` once all have met; 99: they did not.
inline std::vector<int> together(int size, const std::function<int(ProcessGroup&)>& body) {
  const uint16_t port = free_port();
  std::vector<pid_t> pids;
  for (int rank = 0; rank < size; ++rank) {
    pids.push_back(fork());
    if (pids.back() != 0) continue;
    int code = 99;
    {
      auto group = join(local_launch(rank, size, port));
      std::vector<double> nothing = {0};
      if (group.ok() && (*group)->sum(nothing).ok()) code = body(**group);
    }
    _exit(code);
  }
  std::vector<int> codes;
  for (const pid_t pid : pids) codes.push_back(exit_code(pid));
  return codes;
}

}  // namespace rexp::group
