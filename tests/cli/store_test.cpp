// `rexp store`: what is damaged, what may go, where things lie.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class StoreCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", small_experiment());
  }
  Outcome run(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> args = {"run", "a.rexp", "--quiet", "--json", "--threads", "1"};
    args.insert(args.end(), more.begin(), more.end());
    return place.rexp(args);
  }
  std::vector<std::string> artifacts() const { return names_in(place.path("store/artifacts")); }

  Workplace place;
};

TEST_F(StoreCommands, ThereIsNoStoreYet) {
  for (const char* command : {"verify", "gc"}) {
    const Outcome outcome = place.rexp({"store", command});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_NE(outcome.err.find("there is no store in"), std::string::npos) << outcome.err;
  }
  EXPECT_FALSE(fs::exists(place.path("store"))) << "looking makes nothing";
}

TEST_F(StoreCommands, VerifyNamesWhatIsDamaged) {
  ASSERT_EQ(run().code, 0);
  EXPECT_EQ(place.rexp({"store", "verify"}).code, 0);
  const std::string key = artifacts().front(), folder = place.path("store/artifacts/" + key);
  std::ofstream(folder + "/foreign") << "x";
  const Outcome bad = place.rexp({"store", "verify"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_NE(bad.out.find(folder + ": foreign does not belong there"), std::string::npos) << bad.out;
  const json printed = place.rexp({"store", "verify", "--json"}).json();
  EXPECT_EQ(printed["ok"], false);
  EXPECT_EQ(printed["artifacts"], artifacts().size());
  EXPECT_EQ(printed["damaged"][0]["key"], key);
}

TEST_F(StoreCommands, PathsOfKeysAndNodes) {
  const json result = run().json();
  for (const auto& node : result["nodes"]) {
    const std::string key = node["key"], name = node["name"];
    const std::string folder = place.path("store/artifacts/" + key) + "\n";
    EXPECT_EQ(place.rexp({"store", "path", key.substr(0, 16)}).out, folder);
    EXPECT_EQ(place.rexp({"store", "path", name, "--file", "a.rexp"}).out, folder) << name;
  }
  EXPECT_NE(place.rexp({"store", "path", ""}).err.find("give more of it"), std::string::npos);
  EXPECT_NE(place.rexp({"store", "path", "zz"}).err.find("no artifact's key begins with `zz`"),
            std::string::npos);
  EXPECT_NE(
      place.rexp({"store", "path", "filns", "--file", "a.rexp"}).err.find("did you mean `films`"),
      std::string::npos);
  const Outcome absent = place.rexp(
      {"store", "path", "first/learn", "--file", "a.rexp", "--set", "learn.length=6 steps"});
  EXPECT_EQ(absent.code, 2);
  EXPECT_NE(absent.err.find("is not in the store yet"), std::string::npos) << absent.err;
}

TEST_F(StoreCommands, GcKeepsWhatRunsReferTo) {
  const json first = run().json();
  const size_t of_first = artifacts().size();
  ASSERT_EQ(run({"--set", "learn.length=6 steps"}).code, 0);
  const size_t of_both = artifacts().size();
  ASSERT_GT(of_both, of_first);
  EXPECT_EQ(place.rexp({"store", "gc", "--json"}).json()["removed"].size(), 0u);

  const json would = place.rexp({"store", "gc", "--last", "1", "--dry-run", "--json"}).json();
  EXPECT_EQ(would["removed"].size(), of_both - of_first) << would;
  EXPECT_GT(would["bytes"], 0);
  EXPECT_EQ(artifacts().size(), of_both) << "nothing goes in a dry run";
  const json gone = place.rexp({"store", "gc", "--last", "1", "--json"}).json();
  EXPECT_EQ(gone["removed"], would["removed"]);
  EXPECT_EQ(artifacts().size(), of_first);
  EXPECT_EQ(place.rexp({"store", "verify"}).code, 0);
  EXPECT_EQ(metric_values(run()), metric_values({0, first.dump(), ""})) << "made again";

  // without its report a run counts no more
  fs::remove_all(fs::path(first["report"].get<std::string>()).parent_path());
  EXPECT_EQ(place.rexp({"store", "gc", "--json"}).json()["removed"].size(), of_both - of_first - 1);
}

TEST_F(StoreCommands, GcLeavesARunInPeace) {
  place.write("long.rexp", small_experiment({{"5 steps", "4000 steps"}}));
  Process process = place.start({"run", "long.rexp", "--quiet", "--threads", "1"});
  while (process.running() && names_in(place.path("store/work")).empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto before = artifacts();
  EXPECT_EQ(place.rexp({"store", "gc", "--json"}).json()["removed"].size(), 0u);
  EXPECT_EQ(artifacts(), before);
  // a key that nobody refers to stays while its lock is held: the stage is being made
  ASSERT_EQ(run().code, 0);
  const json hard = place.rexp({"store", "gc", "--last", "1", "--json"}).json();
  EXPECT_EQ(hard["in_use"], 1) << hard;
  EXPECT_EQ(names_in(place.path("store/work")).size(), 1u);
  process.signal(SIGKILL);
  process.wait();
  EXPECT_EQ(place.rexp({"store", "gc", "--last", "1", "--json"}).json()["removed"].size(), 1u);
  EXPECT_TRUE(names_in(place.path("store/work")).empty());
}

}  // namespace
}  // namespace rexp::cli
