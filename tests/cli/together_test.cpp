// Two processes run one experiment: one store, one voice, the numbers of a run by one; and what happens when one of them fails.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/cli/program.h"
#include "tests/support/free_port.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

class TwoProcesses : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", small_experiment({{"5 steps", "60 steps; precision = fp32"}}));
  }

  static std::vector<std::string> command(const std::string& store) {
    return {"run", "a.rexp", "--json", "--quiet", "--threads", "1", "--store", store};
  }

  /// A port of their own for each pair.
  std::vector<Process> start(const std::vector<std::string>& first,
                             const std::vector<std::string>& second) const {
    const std::string port = std::to_string(free_port());
    std::vector<Process> pair;
    for (int rank = 0; rank < 2; ++rank) {
      pair.push_back(place.start(rank == 0 ? first : second, {{"RANK", std::to_string(rank)},
                                                              {"WORLD_SIZE", "2"},
                                                              {"MASTER_ADDR", "127.0.0.1"},
                                                              {"MASTER_PORT", port}}));
    }
    return pair;
  }

  static std::vector<Outcome> wait(std::vector<Process> pair) {
    std::vector<Outcome> out;
    for (Process& process : pair) out.push_back(process.wait());
    return out;
  }

  std::vector<Outcome> both(const std::vector<std::string>& args) const {
    return wait(start(args, args));
  }

  /// Sends a signal to one of two once the first steps of training are in the log.
  std::vector<Outcome> stop_in_training(const std::string& store, size_t which, int number) const {
    std::vector<Process> pair = start(command(store), command(store));
    while (pair[0].running() && !trains(place.path(store + "/work")))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    pair[which].signal(number);
    return wait(std::move(pair));
  }

  /// The log of the only stage.
  std::vector<json> log_of(const std::string& store) const {
    for (const std::string& key : names_in(place.path(store + "/artifacts"))) {
      const auto rows = json_lines(place.path(store + "/artifacts/" + key + "/log.jsonl"));
      if (!rows.empty()) return rows;
    }
    return {};
  }

  /// One process made the store `alone`.
  void expect_equals_alone(const std::string& store) const {
    EXPECT_EQ(names_in(place.path(store + "/artifacts")), names_in(place.path("alone/artifacts")));
    EXPECT_TRUE(names_in(place.path(store + "/pending")).empty());
    EXPECT_TRUE(names_in(place.path(store + "/work")).empty());
    const auto ours = log_of(store), theirs = log_of("alone");
    ASSERT_EQ(ours.size(), 60u);
    ASSERT_EQ(theirs.size(), 60u);
    for (size_t i = 0; i < ours.size(); ++i) {
      EXPECT_NEAR(ours[i]["loss"].get<double>(), theirs[i]["loss"].get<double>(), 1e-5) << i;
      EXPECT_EQ(ours[i]["levels"].size(), theirs[i]["levels"].size()) << i;
    }
  }

  void expect_completes(const std::string& store) const {
    ASSERT_EQ(place.rexp(command("alone")).code, 0);
    const auto again = both(command(store));
    EXPECT_EQ(again[0].code, 0) << again[0].err;
    EXPECT_EQ(again[1].code, 0) << again[1].err;
    expect_equals_alone(store);
  }

  Workplace place;
};

TEST_F(TwoProcesses, MakeWhatOneMakesAndProcess0Speaks) {
  const Outcome alone = place.rexp(command("alone"));
  ASSERT_EQ(alone.code, 0) << alone.err;
  const auto pair = both(command("pair"));
  ASSERT_EQ(pair[0].code, 0) << pair[0].err;
  ASSERT_EQ(pair[1].code, 0) << pair[1].err;
  expect_equals_alone("pair");
  EXPECT_EQ(states(pair[0]).size(), states(alone).size());
  EXPECT_EQ(pair[1].out + pair[1].err, "");
  EXPECT_EQ(place.rexp({"runs", "--json", "--store", "pair"}).json()["runs"].size(), 1u);

  const auto again = both(command("pair"));
  ASSERT_EQ(again[0].code, 0) << again[0].err;
  for (const auto& [name, state] : states(again[0])) EXPECT_EQ(state, "cached") << name;
}

TEST_F(TwoProcesses, OneThatIsKilledEndsBothWithOneMessage) {
  for (const size_t killed : {0u, 1u}) {
    const std::string store = "killed" + std::to_string(killed);
    const auto pair = stop_in_training(store, killed, SIGKILL);
    EXPECT_EQ(pair[killed].code, 128 + SIGKILL);
    EXPECT_EQ(pair[killed].out, "");
    const Outcome& left = pair[1 - killed];
    EXPECT_EQ(left.code, 2) << left.err;
    const json error = left.json()["error"];
    EXPECT_EQ(error["message"], "process " + std::to_string(killed) + " of 2 ended");
    EXPECT_EQ(error["help"], "run the same command again to continue");
    expect_completes(store);
  }
}

TEST_F(TwoProcesses, OneThatIsInterruptedStopsBothWithACheckpoint) {
  const auto pair = stop_in_training("store", 1, SIGTERM);
  EXPECT_EQ(pair[0].code, 2);
  EXPECT_EQ(pair[1].code, 2);
  EXPECT_EQ(pair[0].json()["error"]["kind"], "interrupted");
  EXPECT_EQ(pair[1].out + pair[1].err, "");
  ASSERT_EQ(names_in(place.path("store/work")).size(), 1u) << "the checkpoint stays";
  expect_completes("store");
}

TEST_F(TwoProcesses, AFailureIsToldOnce) {
  auto wrong = command("store");
  wrong.insert(wrong.end(), {"--set", "learn.batch=-1"});
  const auto everywhere = both(wrong);
  EXPECT_EQ(everywhere[0].code, 2);
  EXPECT_EQ(everywhere[1].code, 2);
  EXPECT_FALSE(everywhere[0].json()["ok"].get<bool>());
  EXPECT_EQ(everywhere[1].out + everywhere[1].err, "");

  const auto in_one = wait(start(command("store"), wrong));
  EXPECT_EQ(in_one[0].code, 2);
  EXPECT_EQ(in_one[1].code, 2);
  EXPECT_EQ(in_one[0].out + in_one[0].err, "");
  EXPECT_FALSE(in_one[1].json()["ok"].get<bool>());
}

TEST_F(TwoProcesses, OfDifferentPlansAreRefused) {
  auto other = command("store");
  other.insert(other.end(), {"--set", "learn.length=61 steps"});
  const auto pair = wait(start(command("store"), other));
  EXPECT_EQ(pair[0].code, 2);
  EXPECT_EQ(pair[1].code, 2);
  EXPECT_EQ(pair[0].json()["error"]["message"], "the processes run different plans");
  EXPECT_EQ(pair[1].out, "");
}

TEST_F(TwoProcesses, VariablesThatCannotBeAreNamed) {
  const Variables wrong = {
      {"RANK", "2"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29500"}};
  const Outcome run = place.start({"run", "a.rexp"}, wrong).wait();
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("RANK is `2`, it must be a number from 0 to 1"), std::string::npos)
      << run.err;
}

}  // namespace
}  // namespace rexp::cli
