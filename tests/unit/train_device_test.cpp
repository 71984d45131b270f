// A stage on every device that is there: the same losses as on the CPU, the same masks, fp32 weights behind bf16 products, and a
// run that was stopped goes on.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "runtime/base/json.h"
#include "runtime/model/dropout.h"
#include "tests/support/devices.h"
#include "tests/unit/train_toy.h"

namespace rexp::train {
namespace {

namespace fs = std::filesystem;

class StageOn : public testing::TestWithParam<const char*> {
 protected:
  StageOn() : work_(fs::temp_directory_path() / ("rexp_stage_on_" + std::string(GetParam()))) {
    at::set_num_threads(1);
    fs::remove_all(work_);
  }
  ~StageOn() override { fs::remove_all(work_); }

  StageInputs inputs(const StageSpec& spec, ExampleSource* source, const std::string& device) {
    StageInputs in = toy::inputs(spec, source, work_.string());
    in.device = device;
    return in;
  }

  StageResult learn(const StageSpec& spec, const std::string& device) {
    fs::remove_all(work_);
    toy::Counting source(300, 20, 16);
    Result<StageResult> result = run_stage(toy::artifact(20), inputs(spec, &source, device));
    EXPECT_TRUE(result.ok()) << to_string(result.error());
    return std::move(*result);
  }

  /// What the log says of every step.
  std::vector<double> losses() const {
    std::vector<double> out;
    std::ifstream log(work_ / "log.jsonl");
    for (std::string line; std::getline(log, line);)
      out.push_back(nlohmann::json::parse(line)["loss"].get<double>());
    return out;
  }

  fs::path work_;
};

StageSpec dropping(model::Precision precision) {
  StageSpec spec = toy::spec(30, 16);
  spec.dropout = 0.2;
  spec.precision = precision;
  return spec;
}

TEST_P(StageOn, LossesAreThoseOfTheCpu) {
  REXP_DEVICE(device, GetParam());
  const StageSpec spec = dropping(model::Precision::fp32);
  learn(spec, "cpu");
  const std::vector<double> wanted = losses();
  learn(spec, GetParam());
  const std::vector<double> found = losses();
  ASSERT_EQ(found.size(), 30u);
  ASSERT_EQ(wanted.size(), 30u);
  for (size_t step = 0; step < wanted.size(); ++step)
    EXPECT_NEAR(found[step], wanted[step], 1e-3 * wanted[step]) << "on " << device << ", " << step;
}

TEST_P(StageOn, WeightsAreFp32BehindProductsInBf16) {
  REXP_DEVICE(device, GetParam());
  learn(dropping(model::Precision::fp32), GetParam());
  const std::vector<double> exact = losses();
  const StageResult rounded = learn(dropping(model::Precision::bf16), GetParam());
  const std::vector<double> found = losses();
  EXPECT_EQ(rounded.precision, model::Precision::bf16) << "on " << device;
  rounded.model.weights.for_each([](const std::string& name, const at::Tensor& weight) {
    EXPECT_EQ(weight.scalar_type(), at::kFloat) << name;
  });
  ASSERT_EQ(found.size(), exact.size());
  EXPECT_NE(found, exact);
  for (size_t step = 0; step < exact.size(); ++step)
    EXPECT_NEAR(found[step], exact[step], 0.02 + 0.03 * exact[step]) << step;
}

TEST_P(StageOn, GoesOnWhereItWasStopped) {
  REXP_DEVICE(device, GetParam());
  const StageSpec spec = dropping(model::Precision::fp32);
  const StageResult whole = learn(spec, GetParam());
  fs::remove_all(work_);
  toy::Counting source(300, 20, 16);
  std::atomic<bool> stop = false;
  struct StopAt : Progress {
    std::atomic<bool>* stop;
    void update(const ProgressState& state) override {
      stop->store(state.phase == "train" && state.step == 10);
    }
    void done() override {}
  } progress;
  progress.stop = &stop;
  StageInputs in = inputs(spec, &source, GetParam());
  in.interrupt = &stop;
  in.progress = &progress;
  EXPECT_EQ(run_stage(toy::artifact(20), in).error().kind, ErrorKind::interrupted);
  stop = false;
  const Result<StageResult> rest = run_stage(toy::artifact(20), inputs(spec, &source, GetParam()));
  ASSERT_TRUE(rest.ok()) << to_string(rest.error());
  EXPECT_EQ(rest->steps, 30);
  EXPECT_NEAR(rest->last_loss, whole.last_loss, 1e-3 * whole.last_loss) << "on " << device;
}

TEST_P(StageOn, MasksAreThoseOfTheCpu) {
  REXP_DEVICE(device, GetParam());
  const at::NoGradGuard no_grad;
  const at::Tensor x = at::linspace(-1, 1, 40 * 64).view({40, 64}), branch = x.flip(0).contiguous();
  const at::Tensor tokens = at::arange(40, at::kLong) * 7;
  const auto added = [&](at::Device where) {
    return model::add_dropped(x.to(where), branch.to(where), model::Dropout{0.3, 5, tokens}, 1)
        .cpu();
  };
  const at::Tensor here = added(at::kCPU), there = added(device);
  EXPECT_TRUE(there.eq(x).equal(here.eq(x))) << "the same units are dropped";
  EXPECT_LT((here - there).abs().max().item<double>(), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Devices, StageOn, testing::ValuesIn(model::kDevices),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace rexp::train
