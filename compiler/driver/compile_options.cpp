#include "compiler/driver/compile_options.h"

#include <algorithm>
#include <filesystem>

#include "compiler/driver/paths.h"

namespace rexp::driver {

namespace {

/// A folder is no program; its programs are named instead.
Error folder_error(const std::string& folder) {
  std::string found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".rexp") found = std::max(found, entry.path().string());
  }
  return user_error(
      "`" + folder + "` is a folder, a .rexp file is required",
      found.empty() ? "there is no .rexp file in it" : "name a file, such as " + found);
}

}  // namespace

Result<plan::CompileOptions> compile_options(const CompileArguments& arguments) {
  if (std::filesystem::is_directory(arguments.file)) return folder_error(arguments.file);
  plan::CompileOptions options;
  options.stdlib_dir = stdlib_folder();
  options.catalog = plan::SourceCatalog::standard(cache_folder());
  if (Status status = options.catalog.add_site(arguments.file); !status.ok()) return status.error();
  options.experiment = arguments.experiment;
  options.overrides = arguments.overrides;
  return options;
}

}  // namespace rexp::driver
