#include "compiler/driver/paths.h"

#include <cstdlib>
#include <filesystem>

namespace rexp::driver {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

}  // namespace

std::string program_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? "." : self.parent_path().string();
}

std::string stdlib_folder() {
  if (auto given = environment("REXP_STDLIB")) return *given;
  const fs::path base = program_folder();
  for (const fs::path& candidate :
       {base / "stdlib", base / ".." / "stdlib", base / ".." / "share" / "rexp" / "stdlib"}) {
    std::error_code error;
    if (fs::exists(candidate / "core.rexp", error)) return candidate.lexically_normal().string();
  }
  return REXP_SOURCE_STDLIB;  // a build folder outside the source tree
}

std::string runtime_library_path() { return program_folder() + "/librexp_runtime.so"; }

std::string cache_folder() {
  if (auto given = environment("REXP_CACHE")) return *given;
  if (auto cache = environment("XDG_CACHE_HOME")) return *cache + "/rexp";
  return environment("HOME").value_or("/") + "/.cache/rexp";
}

std::string qwen_ranks_path() { return cache_folder() + "/data/qwen.tiktoken"; }

std::string store_folder(const std::optional<std::string>& given) {
  if (given) return *given;
  return environment("REXP_STORE").value_or(".rexp");
}

}  // namespace rexp::driver
