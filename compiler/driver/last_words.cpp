#include "compiler/driver/last_words.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "compiler/driver/output.h"
#include "compiler/jit/jit.h"
#include "runtime/base/fault.h"

namespace rexp::driver {

namespace {

// made while there is memory
std::string of_memory, of_threads;
int place = STDERR_FILENO;
bool main_runs = false;
std::terminate_handler otherwise = nullptr;

std::string words(const Error& error, bool json) {
  if (!json) return "error: " + to_string(error) + "\n";
  const nlohmann::json object = {
      {"kind", "user"}, {"message", error.message}, {"help", error.help}};
  return nlohmann::json{{"ok", false}, {"error", object}}.dump() + "\n";
}

[[noreturn]] void say(const std::string& last) {
  const auto written = ::write(place, last.data(), last.size());
  _exit(written < 0 ? kInternalFault : kUserError);
}

[[noreturn]] void memory_ran_out() { say(of_memory); }

[[noreturn]] void on_terminate() {
  if (const std::exception_ptr thrown = std::current_exception()) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
      memory_ran_out();
    } catch (...) {  // NOLINT(bugprone-empty-catch): the handler that was there says what it is
    }
  }
  otherwise();
  _exit(kInternalFault);
}

void on_exit() {
  if (main_runs) say(of_threads);
}

}  // namespace

LastWords::LastWords(bool json) {
  of_memory = words(out_of_memory("the run"), json);
  of_threads = words(user_error("a library gave up; most often it cannot start another thread",
                                way_out(EAGAIN, false)),
                     json);
  if (json) place = STDOUT_FILENO;
  otherwise = std::set_terminate(on_terminate);
  jit::on_exhausted_memory(memory_ran_out);
  main_runs = true;
  std::atexit(on_exit);
}

LastWords::~LastWords() { main_runs = false; }

}  // namespace rexp::driver
