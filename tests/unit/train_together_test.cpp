// A stage trained by several processes against the same stage trained by one. Each test forks the processes; those compare, and say
// by their exit code whether all was as expected.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "runtime/train/together.h"
#include "tests/unit/group_processes.h"
#include "tests/unit/train_toy.h"

namespace rexp::train {
namespace {

namespace fs = std::filesystem;
using group::ProcessGroup;

/// How a forked process ends: GoogleTest has printed what was wrong.
int verdict() { return testing::Test::HasFailure() ? 1 : 0; }

std::vector<int> all_fine(int size) { return std::vector<int>(static_cast<size_t>(size), 0); }

/// Asks this process to stop after so many steps.
struct StopAfter : Progress {
  explicit StopAfter(int64_t steps) : steps(steps) {}
  int64_t steps;
  std::atomic<bool> asked{false};
  void update(const ProgressState& state) override {
    if (state.phase == "train" && state.step == steps) asked = true;
  }
  void done() override {}
};

class Together : public testing::Test {
 protected:
  Together() : folder_(fs::temp_directory_path() / ("rexp_together_" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
  }
  ~Together() override { fs::remove_all(folder_); }

  /// Nine batches of four examples and one of a single one, cut into small pieces.
  static StageSpec toy_spec() {
    StageSpec spec = toy::spec(0, 4);
    spec.dropout = 0.2;
    spec.epochs = 1;
    toy::choose(&spec, {{"is", "AdamW"}, {"lr", 1e-2}},
                {{"is", "CrossEntropy"}, {"level_weight", {1.0, 0.25}}});
    return spec;
  }

  Result<StageResult> train(const std::string& name, ProcessGroup* group,
                            StopAfter* stop = nullptr) const {
    at::set_num_threads(1);
    toy::Counting source(37, 12, 10);
    const StageSpec spec = toy_spec();
    StageInputs in;
    in.spec = &spec;
    in.source = &source;
    in.stream = 11;
    in.work = (folder_ / name).string();
    in.checkpoint_seconds = 0;
    in.micro_tokens = 16;
    in.group = group;
    in.progress = stop;
    if (stop != nullptr) in.interrupt = &stop->asked;
    return run_stage(toy::artifact(6), in);
  }

  std::vector<nlohmann::json> log(const std::string& name) const {
    std::ifstream file(folder_ / name / "log.jsonl");
    std::vector<nlohmann::json> rows;
    for (std::string line; std::getline(file, line);) rows.push_back(nlohmann::json::parse(line));
    return rows;
  }

  void expect_same_logs(const std::string& a, const std::string& b) const {
    const auto left = log(a), right = log(b);
    ASSERT_EQ(left.size(), right.size());
    for (size_t i = 0; i < left.size(); ++i) {
      EXPECT_NEAR(left[i]["loss"].get<double>(), right[i]["loss"].get<double>(), 1e-5) << i;
      for (const char* kind : {"levels", "tasks"}) {
        ASSERT_EQ(left[i][kind].size(), right[i][kind].size());
        for (const auto& [index, loss] : left[i][kind].items())
          EXPECT_NEAR(loss.get<double>(), right[i][kind].at(index).get<double>(), 1e-5) << i;
      }
    }
  }

  fs::path folder_;
};

std::map<std::string, at::Tensor> tensors(const model::ModelArtifact& model) {
  std::map<std::string, at::Tensor> out;
  model.weights.for_each(
      [&](const std::string& name, const at::Tensor& tensor) { out[name] = tensor.detach(); });
  return out;
}

void expect_close(const model::ModelArtifact& a, const model::ModelArtifact& b, double tolerance) {
  const auto right = tensors(b);
  for (const auto& [name, tensor] : tensors(a))
    EXPECT_LE((tensor - right.at(name)).abs().max().item<double>(), tolerance) << name;
}

TEST_F(Together, AnyNumberOfProcessesComputesWhatOneDoes) {
  for (const int size : {2, 3}) {
    const auto body = [&](ProcessGroup& group) {
      const auto ours = train("together", &group);
      EXPECT_TRUE(ours.ok()) << ours.error().message;
      if (!group.leads() || !ours.ok()) return verdict();
      const auto alone = train("alone", nullptr);
      EXPECT_EQ(ours->steps, 10);
      EXPECT_EQ(ours->tokens, alone->tokens);
      EXPECT_NEAR(ours->last_loss, alone->last_loss, 1e-5);
      expect_same_logs("together", "alone");
      expect_close(ours->model, alone->model, 1e-4);
      return verdict();
    };
    EXPECT_EQ(group::together(size, body), all_fine(size));
  }
}

TEST_F(Together, AllEndWithTheSameWeights) {
  const auto body = [&](ProcessGroup& group) {
    const auto ours = train("together", &group);
    EXPECT_TRUE(ours.ok());
    for (const auto& [name, tensor] : tensors(ours->model)) {
      const at::Tensor first = tensor.clone();
      EXPECT_TRUE(group.broadcast(first).ok());
      EXPECT_TRUE(at::equal(first, tensor)) << name;
    }
    return verdict();
  };
  EXPECT_EQ(group::together(2, body), all_fine(2));
}

TEST_F(Together, AnInterruptionOfOneStopsAllAndIsContinued) {
  const auto body = [&](ProcessGroup& group) {
    StopAfter stop(group.rank() == 1 ? 3 : -1);
    const auto stopped = train("stopped", &group, &stop);
    EXPECT_TRUE(!stopped.ok() && stopped.error().kind == ErrorKind::interrupted);
    EXPECT_EQ(group.leads() ? log("stopped").size() : 4u, 4u);
    const auto continued = train("stopped", &group);
    const auto calm = train("calm", &group);
    EXPECT_TRUE(continued.ok() && calm.ok());
    expect_close(continued->model, calm->model, 0);
    if (group.leads()) expect_same_logs("stopped", "calm");
    return verdict();
  };
  EXPECT_EQ(group::together(2, body), all_fine(2));
}

TEST_F(Together, AStageContinuesWithAnotherNumberOfProcesses) {
  const auto stop = [&](ProcessGroup& group) {
    StopAfter third(3);
    EXPECT_FALSE(train("work", &group, &third).ok());
    return verdict();
  };
  ASSERT_EQ(group::together(3, stop), all_fine(3));
  const auto go_on = [&](ProcessGroup& group) {
    const auto continued = train("work", &group);
    EXPECT_TRUE(continued.ok());
    if (!group.leads()) return verdict();
    expect_close(continued->model, train("alone", nullptr)->model, 1e-4);
    return verdict();
  };
  EXPECT_EQ(group::together(2, go_on), all_fine(2));
}

TEST(Combine, IsTheWeightedMeanOfWhatThereIs) {
  const auto body = [](ProcessGroup& group) {
    const bool second = group.rank() == 1;
    at::Tensor large = at::ones({5 << 20}).requires_grad_(), some = at::ones({2}).requires_grad_(),
               none = at::ones({3}).requires_grad_();
    large.mutable_grad() = at::full_like(large, second ? 5 : 1);
    if (second) some.mutable_grad() = at::full_like(some, 8);
    StepShare step;
    step.sums = {second ? 3.0 : 1.0, second ? 3.0 : 1.0, second ? 2 : 4, 10, second};
    step.losses.add(second ? 7 : 0, 0, 2.5);
    step.stop = second;
    EXPECT_TRUE(combine(group, &step, {{"large", large}, {"some", some}, {"none", none}}).ok());
    EXPECT_DOUBLE_EQ(step.sums.loss, 2.5);
    EXPECT_EQ(step.sums.labels, 6);
    EXPECT_EQ(step.sums.tokens, 20);
    EXPECT_EQ(step.sums.dropped, 1);
    EXPECT_TRUE(step.stop);
    EXPECT_TRUE(large.grad().eq(4).all().item<bool>());
    EXPECT_TRUE(some.grad().eq(6).all().item<bool>());
    EXPECT_FALSE(none.grad().defined());
    EXPECT_EQ(step.losses.levels.size(), 2u);
    EXPECT_EQ(step.losses.tasks[0].count, 2);
    return verdict();
  };
  EXPECT_EQ(group::together(2, body), all_fine(2));
}

TEST(Combine, ABatchWithoutALabelIsNone) {
  const auto body = [](ProcessGroup& group) {
    at::Tensor weight = at::ones({2}).requires_grad_();
    StepShare step;
    EXPECT_TRUE(combine(group, &step, {{"weight", weight}}).ok());
    EXPECT_EQ(step.sums.labels, 0);
    EXPECT_FALSE(weight.grad().defined());
    return verdict();
  };
  EXPECT_EQ(group::together(2, body), all_fine(2));
}

}  // namespace
}  // namespace rexp::train
