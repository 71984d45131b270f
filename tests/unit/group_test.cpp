// Processes that run together: each test forks them, so that they are as separate as those that torchrun starts.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/group_processes.h"

namespace rexp::group {
namespace {

using Variables = std::map<std::string, std::string>;

TEST(Group, SumsAndBroadcastsAreTheSameEverywhere) {
  const auto body = [](ProcessGroup& group) {
    std::vector<double> values = {1.0 + group.rank(), 0.5};
    if (!group.sum(values).ok() || values != std::vector<double>{6, 1.5}) return 1;
    const at::Tensor table = at::full({2, 3}, group.rank() + 1.0f);
    if (!group.sum(table.t()).ok() || !table.eq(6).all().item<bool>()) return 2;
    if (!group.sum(at::empty({0})).ok()) return 3;
    const at::Tensor own = at::full({4}, static_cast<float>(group.rank()));
    if (!group.broadcast(own).ok() || !own.eq(0).all().item<bool>()) return 4;
    return group.size() == 3 ? 0 : 5;
  };
  EXPECT_EQ(together(3, body), std::vector<int>({0, 0, 0}));
}

TEST(Group, AProcessThatIsKilledIsNamedByAllOthersAndToldByOne) {
  for (const int killed : {0, 1}) {
    const auto began = std::chrono::steady_clock::now();
    const auto body = [killed](ProcessGroup& group) {
      if (group.rank() == killed) raise(SIGKILL);
      std::vector<double> values = {1};
      const Status status = group.sum(values);
      if (status.ok()) return 1;
      const std::string said = status.error().message;
      if (said != "process " + std::to_string(killed) + " of 3 ended") {
        std::fprintf(stderr, "%s\n", said.c_str());
        return 2;
      }
      return group.told_elsewhere(2) ? 10 : 20;
    };
    std::vector<int> codes = together(3, body);
    EXPECT_EQ(codes[killed], 128 + SIGKILL);
    codes.erase(codes.begin() + killed);
    std::sort(codes.begin(), codes.end());
    EXPECT_EQ(codes, std::vector<int>({10, 20})) << killed;
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));
  }
}

TEST(Group, AFailureIsToldByTheProcessThatMetIt) {
  const auto body = [](ProcessGroup& group) {
    if (group.rank() == 2) return group.told_elsewhere(1) ? 10 : 20;
    std::vector<double> values = {1};
    const Status status = group.sum(values);
    if (status.ok()) return 1;
    return group.told_elsewhere(2) == 1 ? 10 : 30;  // with the status of the one that tells
  };
  EXPECT_EQ(together(3, body), std::vector<int>({10, 10, 20}));
}

TEST(Group, AFailureThatAllMeetIsToldByProcess0) {
  const auto body = [](ProcessGroup& group) { return group.told_elsewhere(2) ? 10 : 20; };
  EXPECT_EQ(together(2, body), std::vector<int>({20, 10}));
}

TEST(Group, TwoProcessesOfOneRankAreRefused) {
  const uint16_t port = free_port();
  const auto says_two = [&](int rank) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    const auto group = join(local_launch(rank, 3, port));
    _exit(!group.ok() &&
          group.error().message.find("two processes with RANK 1") != std::string::npos);
  };
  const pid_t host = says_two(0), first = says_two(1), second = says_two(1);
  int status = 0;
  const pid_t ended = wait(&status);
  EXPECT_TRUE(ended == first || ended == second);
  EXPECT_EQ(WEXITSTATUS(status), 1);
  for (const pid_t pid : {host, first, second}) {
    if (pid == ended) continue;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
}

class LaunchVariables : public ::testing::Test {
 protected:
  /// The launch that these variables describe; all others are unset.
  static Result<Launch> with(const Variables& variables) {
    for (const char* name : {"RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT",
                             "TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RESTART_COUNT"})
      unsetenv(name);
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    return read_launch();
  }

  static Variables two(const Variables& changed = {}) {
    Variables all = {
        {"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29511"}};
    for (const auto& [name, value] : changed) all[name] = value;
    return all;
  }

  static std::string error(const Variables& changed) {
    const auto launch = with(two(changed));
    return launch.ok() ? "none" : launch.error().message;
  }
};

TEST_F(LaunchVariables, AProcessIsAloneWithoutWorldSizeOrWithOne) {
  EXPECT_TRUE(with({})->alone());
  EXPECT_TRUE(with({{"RANK", "junk"}})->alone());
  EXPECT_TRUE(with({{"WORLD_SIZE", "1"}})->alone());
}

TEST_F(LaunchVariables, AreThoseOfTorchrun) {
  const auto launch =
      with(two({{"TORCHELASTIC_USE_AGENT_STORE", "True"}, {"TORCHELASTIC_RESTART_COUNT", "3"}}));
  ASSERT_TRUE(launch.ok());
  EXPECT_EQ(launch->rank, 1);
  EXPECT_EQ(launch->size, 2);
  EXPECT_EQ(launch->port, 29511);
  EXPECT_TRUE(launch->agent);
  EXPECT_EQ(launch->attempt, "3");
}

TEST_F(LaunchVariables, SayHowManyShareThisMachine) {
  EXPECT_EQ(with(two())->on_this_machine, 2);
  EXPECT_EQ(with(two({{"MASTER_ADDR", "node7"}}))->on_this_machine, 1);
  EXPECT_EQ(with(two({{"MASTER_ADDR", "node7"}, {"LOCAL_WORLD_SIZE", "2"}}))->on_this_machine, 2);
}

TEST_F(LaunchVariables, ThatCannotBeAreNamed) {
  EXPECT_EQ(error({{"RANK", "2"}}), "RANK is `2`, it must be a number from 0 to 1");
  EXPECT_EQ(error({{"RANK", "-1"}}), "RANK is `-1`, it must be a number from 0 to 1");
  EXPECT_EQ(error({{"RANK", ""}}), "RANK is not set, WORLD_SIZE is");
  EXPECT_EQ(error({{"WORLD_SIZE", "two"}}),
            "WORLD_SIZE is `two`, it must be a number from 1 to 65535");
  EXPECT_EQ(error({{"WORLD_SIZE", "0"}}), "WORLD_SIZE is `0`, it must be a number from 1 to 65535");
  EXPECT_EQ(error({{"MASTER_ADDR", ""}}), "MASTER_ADDR is not set, WORLD_SIZE is");
  EXPECT_EQ(error({{"MASTER_PORT", "70000"}}),
            "MASTER_PORT is `70000`, it must be a number from 1 to 65535");
  EXPECT_EQ(error({{"LOCAL_WORLD_SIZE", "3"}}),
            "LOCAL_WORLD_SIZE is `3`, it must be a number from 1 to 2");
}

}  // namespace
}  // namespace rexp::group
