// Where things are: the standard library, the runtime library, the data that set-up fetched, the store.
#pragma once

#include <optional>
#include <string>

namespace rexp::driver {

/// Folder of the running program.
std::string program_folder();
/// $REXP_STDLIB, else `stdlib` beside or above the program, else `share/rexp/stdlib` of its prefix.
std::string stdlib_folder();
/// librexp_runtime.so beside the program.
std::string runtime_library_path();
/// $REXP_CACHE, else the user's cache folder: what ./dev setup filled.
std::string cache_folder();
/// The ranks of Qwen's tokenizer, as set-up left them.
std::string qwen_ranks_path();
/// `given`, else $REXP_STORE, else `.rexp` in the current folder.
std::string store_folder(const std::optional<std::string>& given);

}  // namespace rexp::driver
