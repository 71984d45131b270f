// ml-100k as set-up leaves it, for tests on real data.
//
//   if (!data::has_ml_100k()) GTEST_SKIP() << data::kNoMl100k;
//   data::read_dataset(data::ml_100k());
#pragma once

#include <filesystem>
#include <string>

#include "runtime/data/load.h"

namespace rexp::data {

inline constexpr const char* kNoMl100k = "no ml-100k: the recbole wheel was not set up";

/// `kind`: inter, item, user.
inline std::string ml_100k_file(const std::string& kind) {
  return std::string(REXP_DEPS_DIR) + "/py/recbole/dataset_example/ml-100k/ml-100k." + kind;
}
inline bool has_ml_100k() { return std::filesystem::exists(ml_100k_file("inter")); }

/// Its events and items.
inline LoadOptions ml_100k() {
  LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "recbole"}};
  options.files = {{"inter", ml_100k_file("inter")}, {"item", ml_100k_file("item")}};
  return options;
}

}  // namespace rexp::data
