#include "runtime/base/fault.h"

#include <cerrno>
#include <new>
#include <string_view>
#include <system_error>

namespace rexp {

namespace {

/// Of libraries that throw a type of their own: LibTorch's allocators for the CPU and for CUDA, and what the C library says.
bool says_no_memory(std::string_view text) {
  for (const std::string_view words :
       {"not enough memory", "can't allocate memory", "out of memory", "Cannot allocate memory",
        "unable to mmap"}) {
    if (text.find(words) != std::string_view::npos) return true;
  }
  return false;
}

bool is_exhaustion(int error_number) {
  for (const int known : {ENOSPC, EDQUOT, EMFILE, ENFILE, EROFS, EACCES, EPERM}) {
    if (error_number == known) return true;
  }
  return false;
}

}  // namespace

Error out_of_memory(const std::string& what) {
  return user_error("memory ran out: " + what + " needs more than this process may have",
                    "lower `batch`, `window` or `beams`, take a smaller model, or raise the limit "
                    "(`ulimit -v`, the container's memory)");
}

Error fault(const std::exception& thrown, const std::string& what) {
  std::string text = thrown.what();
  text = text.substr(0, text.find('\n'));
  if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr || says_no_memory(text))
    return out_of_memory(what);
  if (const auto* refused = dynamic_cast<const std::system_error*>(&thrown)) {
    const int number = refused->code().value();
    if (number == ENOMEM) return out_of_memory(what);
    if (number == EAGAIN)
      return user_error(what + " cannot start another thread: " + text,
                        "lower `--threads`, or raise the limits (`ulimit -u`, `ulimit -v`)");
    if (is_exhaustion(number)) return user_error(what + " failed: " + text);
  }
  return internal_error(what + " failed: " + text);
}

}  // namespace rexp
