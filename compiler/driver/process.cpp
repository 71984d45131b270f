#include "compiler/driver/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace rexp::driver {

Result<Process> Process::start(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return user_error(std::string("no pipe could be opened: ") + std::strerror(errno));
  std::vector<char*> argv = {const_cast<char*>("rexp")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    const int why = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return user_error(std::string("no process could be started: ") + std::strerror(why));
  }
  if (pid == 0) {  // only what is safe between fork and exec
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGINT);
    if (::getppid() != parent) ::_exit(1);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv("/proc/self/exe", argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return Process(pid, ends[0]);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pipe_(std::exchange(other.pipe_, -1)),
      code_(other.code_),
      output_(std::move(other.output_)) {}

Process::~Process() {
  if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  if (pipe_ >= 0) ::close(pipe_);
}

void Process::read() {
  std::array<char, 1 << 14> buffer{};
  ssize_t got = 0;
  while ((got = ::read(pipe_, buffer.data(), buffer.size())) > 0)
    output_.append(buffer.data(), static_cast<size_t>(got));
}

bool Process::finished() {
  if (pid_ < 0) return true;
  read();
  int status = 0;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  read();
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  pid_ = -1;
  return true;
}

void Process::interrupt() const {
  if (pid_ > 0) ::kill(pid_, SIGINT);
}

}  // namespace rexp::driver
