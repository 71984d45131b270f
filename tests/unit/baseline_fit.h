// Recommenders outside of a node: fitted into a folder of the test's own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/baseline/recommender.h"
#include "runtime/data/load.h"
#include "runtime/store/file.h"

namespace rexp::baseline {

class TestFit : public FitInput {
 public:
  explicit TestFit(const data::Dataset& dataset) : dataset_(dataset) {
    static std::atomic<int> count{0};
    folder_ = testing::TempDir() + "rexp_fit_" + std::to_string(::getpid()) + "_" +
              std::to_string(count++);
    std::filesystem::create_directories(folder_ + "/work");
  }
  ~TestFit() override { std::filesystem::remove_all(folder_); }
  TestFit(const TestFit&) = delete;
  TestFit& operator=(const TestFit&) = delete;

  Status fit(const nlohmann::json& args) { return baseline::fit(args, *this, folder_); }
  /// What is in the folder; a failure of the test where it cannot be opened.
  std::unique_ptr<Scorer> open() const {
    auto scorer = baseline::open(folder_, "cpu");
    EXPECT_TRUE(scorer.ok()) << (scorer.ok() ? "" : to_string(scorer.error()));
    return scorer.ok() ? std::move(*scorer) : nullptr;
  }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

  const data::Dataset& dataset() override { return dataset_; }
  Result<codebook::Vectors> vectors(int64_t) override { return given_vectors; }
  Result<Rate> rate(int64_t) override { return given_rate; }
  uint64_t stream() override { return 17; }
  std::string device() override { return "cpu"; }
  Result<std::string> work() override { return folder_ + "/work"; }
  double checkpoint_seconds() override { return 0; }
  const std::atomic<bool>* interrupt() override { return &stop; }
  train::Progress* progress() override { return progress_; }
  void note(std::string text) override { notes.push_back(std::move(text)); }

  codebook::Vectors given_vectors;
  Rate given_rate;
  std::atomic<bool> stop = false;
  train::Progress* progress_ = nullptr;
  std::vector<std::string> notes;

 private:
  const data::Dataset& dataset_;
  std::string folder_;
};

/// A fitted recommender.
inline std::unique_ptr<Scorer> fitted(const char* is, const data::Dataset& dataset,
                                      nlohmann::json args = nlohmann::json::object()) {
  args["is"] = is;
  TestFit in(dataset);
  const Status status = in.fit(args);
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : to_string(status.error()));
  return status.ok() ? in.open() : nullptr;
}

inline std::vector<double> scores_after(const Scorer& scorer, const History& history) {
  return scorer.scores({&history, 1});
}

/// A dataset of lines `user item item ..`.
inline data::Dataset from_sequences(const std::string& path) {
  data::LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "sequences"}};
  options.files = {{"sequences", path}};
  Result<data::Loaded> loaded = data::read_dataset(options);
  EXPECT_TRUE(loaded.ok()) << to_string(loaded.error());
  return loaded->dataset;
}
inline data::Dataset from_lines(const std::string& lines) {
  const std::string path = testing::TempDir() + "rexp_lines_" + std::to_string(::getpid());
  EXPECT_TRUE(store::write_file(path, lines).ok());
  data::Dataset dataset = from_sequences(path);
  std::filesystem::remove(path);
  return dataset;
}

}  // namespace rexp::baseline
