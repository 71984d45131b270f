// Runs that are stopped, killed, or meet another run: the numbers are those of an undisturbed run.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/cli/program.h"

namespace rexp::cli {
namespace {

using nlohmann::json;

class Interruption : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_qwen_tokenizer()) GTEST_SKIP() << "qwen.tiktoken is not there: ./dev setup fetches it";
    place.write("a.rexp", small_experiment({{"5 steps", "60 steps"}}));
  }

  std::vector<std::string> command(const std::string& store) const {
    return {"run", "a.rexp", "--json", "--quiet", "--store", store};
  }

  json undisturbed() const {
    const Outcome run = place.rexp(command("calm"));
    EXPECT_EQ(run.code, 0) << run.err;
    return metric_values(run);
  }

  /// Waits until the first steps of training are in the log, then sends the signal.
  Outcome stop_in_training(const std::string& store, int number) const {
    Process process = place.start(command(store));
    while (process.running() && !trains(place.path(store + "/work")))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    process.signal(number);
    return process.wait();
  }

  void expect_completes(const std::string& store, const json& expected) const {
    const Outcome again = place.rexp(command(store));
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(metric_values(again), expected);
    EXPECT_EQ(states(again)["films"], "cached");
    EXPECT_TRUE(names_in(place.path(store + "/pending")).empty());
    EXPECT_TRUE(names_in(place.path(store + "/work")).empty());
  }

  std::string status_of_first_run(const std::string& store) const {
    const json runs = place.rexp({"runs", "--json", "--store", store}).json()["runs"];
    return runs.back()["status"];
  }

  Workplace place;
};

TEST_F(Interruption, CtrlCThenTheSameCommandContinues) {
  const Outcome stopped = stop_in_training("store", SIGINT);
  ASSERT_EQ(stopped.code, 2) << stopped.err;
  EXPECT_EQ(stopped.json()["error"]["kind"], "interrupted");
  EXPECT_NE(stopped.err.find("stopping"), std::string::npos);
  EXPECT_TRUE(names_in(place.path("store/pending")).empty());
  EXPECT_EQ(names_in(place.path("store/work")).size(), 1u) << "the checkpoint stays";
  EXPECT_EQ(status_of_first_run("store"), "interrupted");
  expect_completes("store", undisturbed());
}

TEST_F(Interruption, AKilledRunIsSweptAndDoneAgain) {
  const Outcome killed = stop_in_training("store", SIGKILL);
  ASSERT_EQ(killed.code, 128 + SIGKILL) << killed.err;
  EXPECT_EQ(status_of_first_run("store"), "lost");
  expect_completes("store", undisturbed());
}

TEST_F(Interruption, TwoRunsShareOneStore) {
  Process first = place.start(command("store"));
  Process second = place.start(command("store"));
  const Outcome a = first.wait(), b = second.wait();
  ASSERT_EQ(a.code, 0) << a.err;
  ASSERT_EQ(b.code, 0) << b.err;
  EXPECT_EQ(metric_values(a), undisturbed());
  EXPECT_EQ(metric_values(a), metric_values(b));
  for (const auto& [name, state] : states(a)) {
    EXPECT_NE(state == "run", states(b)[name] == "run") << name << " must be done once";
  }
}

}  // namespace
}  // namespace rexp::cli
