// Learners that train, with made-up vectors in a work folder of their own.
#pragma once

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/base/random.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/learn.h"

namespace rexp::quantiser {

inline double normal(uint64_t s, uint64_t use) {
  return std::sqrt(-2 * std::log(1 - uniform(s, 2 * use))) *
         std::cos(6.283185307179586 * uniform(s, 2 * use + 1));
}

/// Like sentences: unit length, most of it a direction that all share, the rest one of 40 topics and noise.
inline codebook::Vectors sentences(int64_t rows, int32_t size = 32) {
  codebook::Vectors out{rows, size, {}};
  for (int64_t i = 0; i < rows; ++i) {
    const uint64_t topic = stream(3, below(stream(4, i), 0, 40));
    std::vector<double> x;
    double square = 0;
    for (int32_t d = 0; d < size; ++d) {
      x.push_back(1.5 * normal(1, d) + 0.4 * normal(topic, d) + 0.3 * normal(stream(5, i), d));
      square += x.back() * x.back();
    }
    for (const double value : x)
      out.values.push_back(static_cast<float>(value / std::sqrt(square)));
  }
  return out;
}

/// A learner's input for these vectors; its work folder goes with the object.
class World {
 public:
  explicit World(codebook::Vectors vectors)
      : folder_(testing::TempDir() + "rexp_quantiser_" + std::to_string(::getpid()) + "_" +
                std::to_string(worlds()++)) {
    at::set_num_threads(1);  // two would wait for each other on matrices as small as these
    std::filesystem::create_directories(folder_);
    auto dataset = std::make_shared<data::Dataset>();
    dataset->items.rows = vectors.rows;
    in.dataset = std::move(dataset);
    in.name = "sid";
    in.seed = 7;
    in.note = [](const std::string&) {};
    in.rate = [](int64_t, int64_t step, int64_t total) {  // the library's `linear`
      return Result<double>(static_cast<double>(total - step) / static_cast<double>(total));
    };
    in.work = [this] { return Result<std::string>(folder_); };
    in.vectors = [vectors = std::move(vectors)](int64_t) {
      return Result<codebook::Vectors>(vectors);
    };
  }
  ~World() { std::filesystem::remove_all(folder_); }
  World(const World&) = delete;

  Result<codebook::Codes> learn(const nlohmann::json& args) const {
    return (*Registry<codebook::Learner>::find(args))->learn(args, in);
  }
  const std::string& folder() const { return folder_; }

  codebook::LearnInput in;

 private:
  static int& worlds() {
    static int count = 0;
    return count;
  }
  std::string folder_;
};

/// Shares of the codes of each level that some item has.
inline std::vector<double> usage(const codebook::Codes& codes) {
  std::vector<double> shares;
  for (size_t level = 0; level < codes.level_sizes.size(); ++level) {
    std::set<int32_t> used;
    for (const auto& item : codes.codes) used.insert(item[level]);
    shares.push_back(static_cast<double>(used.size()) / codes.level_sizes[level]);
  }
  return shares;
}

}  // namespace rexp::quantiser
