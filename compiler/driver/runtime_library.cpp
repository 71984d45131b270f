#include "compiler/driver/runtime_library.h"

#include <dlfcn.h>
#include <rexp_identity.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "compiler/driver/paths.h"
#include "runtime/base/fault.h"

namespace rexp::driver {

namespace {

void (*interrupt_run)() = nullptr;
bool tell_of_interrupts = true;

void on_interrupt(int) {
  static volatile std::sig_atomic_t asked = 0;
  if (asked) _exit(2);
  asked = 1;
  const char text[] =
      "\nrexp: stopping at the next safe place; press Ctrl-C again to stop at once\n";
  if (tell_of_interrupts && write(STDERR_FILENO, text, sizeof text - 1) < 0) return;
  interrupt_run();
}

void write_stdout(void*, const char* data, int64_t size) {
  std::fwrite(data, 1, static_cast<size_t>(size), stdout);
}

}  // namespace

Result<RuntimeLibrary> RuntimeLibrary::open() {
  const std::string path = runtime_library_path();
  // OpenMP's threads spin while they wait. On a machine that does other work too, spinning long takes the cores from whoever is
  // waited for: two runs side by side trained five times slower without this.
  setenv("GOMP_SPINCOUNT", "30000", /*overwrite=*/0);
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const std::string why = dlerror();
    if (says_no_memory(why)) return out_of_memory("the runtime library");
    const bool open_files = why.find(std::strerror(EMFILE)) != std::string::npos;
    return user_error("the runtime library cannot be opened: " + why,
                      open_files ? way_out(EMFILE, false) : "build it with ./dev build");
  }
  RuntimeLibrary library;
  bool complete = true;
  const auto find = [&]<class F>(F& slot, const char* name) {
    slot = reinterpret_cast<F>(dlsym(handle, name));
    complete = complete && slot != nullptr;
  };
  decltype(&rexp_rt_identity) identity = nullptr;
  find(identity, "rexp_rt_identity");
  find(library.open_, "rexp_rt_open");
  find(library.close_, "rexp_rt_close");
  find(library.error_, "rexp_rt_error");
  find(library.told_, "rexp_rt_told_elsewhere");
  find(library.outcomes_, "rexp_rt_outcomes");
  find(library.interrupt_, "rexp_rt_interrupt");
  find(library.command_, "rexp_rt_command");
#define REXP_NODE(kind, version)                                                    \
  find(library.nodes_.emplace_back(jit::Symbol{"rexp_rt_" #kind, nullptr}).address, \
       "rexp_rt_" #kind);
#include "runtime/abi/nodes.def"
#undef REXP_NODE
  const std::string theirs = identity == nullptr ? "one without an identity" : identity();
  if (!complete || theirs != abi::kIdentity) {
    return user_error(
        path + " is of another build than this program: " + theirs + ", this is " + abi::kIdentity,
        "build both with ./dev build");
  }
  return library;
}

nlohmann::json RuntimeLibrary::error(const RexpRun* run) const {
  const std::string text = error_(run);
  return text.empty() ? nlohmann::json() : nlohmann::json::parse(text);
}

int32_t RuntimeLibrary::command(RexpRun* run, const std::string& name,
                                const nlohmann::json& args) const {
  return command_(run, name.c_str(), args.dump().c_str(), write_stdout, nullptr);
}

void RuntimeLibrary::catch_interrupts(bool aloud) const {
  interrupt_run = interrupt_;
  tell_of_interrupts = aloud;
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace rexp::driver
