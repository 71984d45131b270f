#include "runtime/base/fault.h"

#include <cerrno>
#include <new>
#include <string_view>
#include <system_error>

namespace rexp {

bool says_no_memory(std::string_view text) {
  // LibTorch's allocators for the CPU and for CUDA, the C library, the dynamic linker
  for (const std::string_view words :
       {"not enough memory", "can't allocate memory", "out of memory", "Cannot allocate memory",
        "unable to mmap", "failed to map segment"}) {
    if (text.find(words) != std::string_view::npos) return true;
  }
  return false;
}

std::string way_out(int error_number, bool writing) {
  switch (error_number) {
    case EMFILE:
    case ENFILE: return "raise the limit of open files (`ulimit -n 1024`)";
    case ENOMEM: return "raise the limit of memory (`ulimit -v`, the container's memory)";
    case EAGAIN: return "lower `--threads`, or raise the limits (`ulimit -u`, `ulimit -v`)";
    case ENOSPC:
    case EDQUOT: return "free some space, or choose another folder with `--store`";
    case ENOTDIR:
      return writing ? "a file is in the way: choose another folder with `--store`" : "";
    case EROFS:
    case EACCES:
    case EPERM:
      return writing ? "choose a folder that you may write to with `--store`, or change its "
                       "permissions"
                     : "";
    default: return "";
  }
}

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
    const std::string help = way_out(number, true);
    if (!help.empty()) return user_error(what + " failed: " + text, help);
  }
  return internal_error(what + " failed: " + text);
}

}  // namespace rexp
