// kill -9 at any instant, in any node, then the same command: the same bytes as without the kill.
//
// REXP_KILLS=200 kills so often (15 without it), REXP_KILL_SEED draws other instants.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "tests/cli/every_node.h"

namespace rexp::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

int number(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoi(text) : otherwise;
}

class Kill : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
  }

  /// The undisturbed run: its bytes, the kinds of its keys, and how long it took.
  void run_calm() {
    const Clock::time_point start = Clock::now();
    const Outcome calm = place.rexp(every.run("calm"));
    seconds = Seconds(Clock::now() - start).count();
    ASSERT_EQ(calm.code, 0) << calm.err;
    expected = every.bytes("calm");
    for (const StoredFile& file : every.files("calm", false)) kind_of[file.key] = file.kind;
  }

  /// Keys of the nodes that are being made.
  static std::vector<std::string> making(const std::string& store) {
    std::vector<std::string> keys;
    for (const std::string& name : names_in(store + "/pending"))
      if (!name.ends_with(".alive")) keys.push_back(name.substr(0, 32));
    return keys;
  }

  double draw(double most) { return std::uniform_real_distribution<double>(0, most)(random); }

  /// Kills at a random instant of the run, or of a random kind of node: short ones are hardly met by chance. False: it ended before.
  bool kill_somewhere(const std::string& store) {
    Process process = place.start(every.run(store));
    const Clock::time_point start = Clock::now();
    const bool aimed = draw(1) < 0.5;
    std::string wanted;
    if (aimed) {
      auto at = kind_of.begin();
      std::advance(at, static_cast<int64_t>(draw(static_cast<double>(kind_of.size()))));
      wanted = at->first;
    }
    const double wait = aimed ? draw(0.02) : draw(seconds);
    while (process.running()) {
      const auto now_making = making(place.path(store));
      const bool there =
          std::find(now_making.begin(), now_making.end(), wanted) != now_making.end();
      if (aimed ? there : Seconds(Clock::now() - start).count() >= wait) break;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    if (aimed) std::this_thread::sleep_for(Seconds(wait));
    process.signal(SIGKILL);
    const Outcome ended = process.wait();
    if (ended.code != 128 + SIGKILL) {
      EXPECT_EQ(ended.code, 0) << ended.err;
      return false;
    }
    const auto in = making(place.path(store));
    ++killed_in[in.empty() ? "between nodes" : kind_of[in.front()]];
    return true;
  }

  void expect_calm(const std::string& store) {
    const Outcome last = place.rexp(every.run(store));
    ASSERT_EQ(last.code, 0) << last.err;
    EXPECT_EQ(last.err.find("damaged"), std::string::npos) << last.err;
    EXPECT_EQ(difference(expected, every.bytes(store)), "");
    EXPECT_EQ(names_in(place.path(store + "/pending")), std::vector<std::string>());
    EXPECT_EQ(names_in(place.path(store + "/work")), std::vector<std::string>());
  }

  Workplace place;
  EveryNode every{place};
  std::mt19937 random{static_cast<unsigned>(number("REXP_KILL_SEED", 7))};
  std::map<std::string, std::string> expected, kind_of;
  double seconds = 0;
  std::map<std::string, int> killed_in;
};

TEST_F(Kill, AtRandomInstants) {
  run_calm();
  const int wished = number("REXP_KILLS", 15);
  int kills = 0, stores = 0;
  while (kills < wished && !HasFailure()) {
    const std::string store = "store_" + std::to_string(stores++);
    // up to three on the way of one store: what a killed run left may be killed again
    for (int i = 0; i < 3 && kills < wished; ++i) kills += kill_somewhere(store) ? 1 : 0;
    expect_calm(store);
    fs::remove_all(place.path(store));
  }
  std::string where;
  for (const auto& [kind, times] : killed_in) where += "  " + kind + " " + std::to_string(times);
  std::printf("%d kills on %d stores, a run takes %.1f s; killed in%s\n", kills, stores, seconds,
              where.c_str());
}

/// Every kind of node is met by the experiment, so that the kills can be anywhere.
TEST_F(Kill, TheExperimentHasEveryKindOfNode) {
  run_calm();
  std::map<std::string, int> kinds;
  for (const auto& [key, kind] : kind_of) ++kinds[kind];
#define REXP_NODE(kind, version) EXPECT_GT(kinds[#kind], 0) << #kind;
#include "runtime/abi/nodes.def"
#undef REXP_NODE
}

}  // namespace
}  // namespace rexp::cli
