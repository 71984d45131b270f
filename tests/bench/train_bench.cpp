// Training speed at the size of the main job: three layers of width 128, items of four codes each.
//
//   train_bench [threads=1] [steps=20] [shape=pretrain|tune] [rows=32] [micro=TOKENS] [dropout=0] [precision=fp32|bf16] [profile=1]
//
// pretrain: sequences of 50 items, every token trained. tune: 5 to 50 items, only the last one trained.
// Prints one JSON line; counts real tokens. With `profile=1`, operators by self time follow.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/profiler_legacy.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <string_view>

#include "runtime/base/random.h"
#include "runtime/model/device.h"
#include "runtime/train/language_step.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/stage.h"

namespace rexp::train {
namespace {

constexpr int64_t kItems = 50, kLevels = 4, kCodes = 256;

struct Options {
  int threads = 1;
  int64_t steps = 20, micro = 0, rows = 32;
  bool tune = false, profile = false;
  double dropout = 0;
  std::optional<model::Precision> precision;  // none: auto
};

model::Config config() {
  model::Config config;
  config.hidden = 128;
  config.layers = 3;
  config.heads = 4;
  config.kv_heads = 4;
  config.head_dim = 32;
  config.ffn = 352;
  config.vocab = kLevels * kCodes + 16;
  return config;
}

std::vector<Example> examples(const Options& options) {
  std::vector<Example> out;
  for (int64_t r = 0; r < options.rows; ++r) {
    Example example;
    const uint64_t s = stream(1, static_cast<uint64_t>(r));
    const int64_t items =
        options.tune ? 5 + static_cast<int64_t>(below(stream(2, s), 0, kItems - 4)) : kItems;
    for (int64_t i = 0; i < items * kLevels; ++i) {
      example.ids.push_back(static_cast<int32_t>(
          i % kLevels * kCodes + static_cast<int64_t>(below(s, static_cast<uint64_t>(i), kCodes))));
      example.trained.push_back(options.tune ? i >= (items - 1) * kLevels : i > 0);
      example.levels.push_back(static_cast<uint8_t>(1 + i % kLevels));
    }
    example.position = static_cast<int64_t>(out.size());
    out.push_back(std::move(example));
  }
  return out;
}

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void run(const Options& options) {
  at::set_num_threads(options.threads);
  model::keep_freed_memory();
  const model::Config c = config();
  const int64_t micro = options.micro > 0 ? options.micro : default_micro_tokens(c);
  RowOfId identity(c.vocab);
  for (int64_t i = 0; i < c.vocab; ++i) identity[i] = i;
  const auto objective =
      read_loss({{"is", "CrossEntropy"}}, "the benchmark")->make({{}, identity, "the benchmark"});
  LanguageOptions language{.objective = objective->get(), .dropout = options.dropout, .stream = 1};
  language.precision = model::pick_precision(options.precision, at::kCPU);
  LanguageStep step_of(c, model::random_weights(c, 1), language);
  const auto optimizer =
      read_optimizer({{"is", "AdamW"}, {"lr", 1e-3}}, "the benchmark")->make(step_of.parameters());
  const auto one = [&](const Batch& batch) {
    const double loss = step_of.accumulate(batch);
    optimizer->clip();
    optimizer->step(1.0);
    return loss;
  };
  Result<Batch> batch = pack(0, examples(options), identity, {}, micro);
  if (!batch.ok()) return;
  one(*batch);
  std::vector<double> wall, cpu;
  double loss = 0;
  for (int64_t step = 0; step < options.steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_seconds();
    loss = one(*batch);
    wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    cpu.push_back(cpu_seconds() - cpu_start);
  }
  std::sort(wall.begin(), wall.end());
  std::sort(cpu.begin(), cpu.end());
  const auto tokens = static_cast<double>(batch->tokens);
  std::printf(
      "{\"threads\": %d, \"parameters\": %ld, \"tokens_per_step\": %ld, \"micro_batches\": %zu, "
      "\"tokens_per_second\": %.0f, "
      "\"best_tokens_per_second\": %.0f, \"tokens_per_cpu_second\": %.0f, \"loss\": %.6f}\n",
      options.threads, static_cast<long>(model::parameter_count(c)),
      static_cast<long>(batch->tokens), batch->parts.size(), tokens / wall[wall.size() / 2],
      tokens / wall.front(), tokens / cpu[cpu.size() / 2], loss);
}

void print_profile(const torch::autograd::profiler::thread_event_lists& lists) {
  using torch::autograd::profiler::LegacyEvent;
  struct Open {
    const LegacyEvent* event;
    double inner = 0;
  };
  std::map<std::string, std::pair<double, int>> self;
  for (const auto& list : lists) {
    std::vector<Open> open;
    for (const LegacyEvent& event : list) {
      if (event.kindStr() == "push") open.push_back({&event});
      if (event.kindStr() != "pop" || open.empty()) continue;
      const Open top = open.back();
      open.pop_back();
      const double us = top.event->cpuElapsedUs(event);
      auto& [time, count] = self[top.event->name()];
      time += us - top.inner;
      ++count;
      if (!open.empty()) open.back().inner += us;
    }
  }
  std::vector<std::pair<double, std::string>> sorted;
  for (const auto& [name, value] : self)
    sorted.emplace_back(value.first, name + " x" + std::to_string(value.second));
  std::sort(sorted.rbegin(), sorted.rend());
  for (size_t i = 0; i < std::min<size_t>(30, sorted.size()); ++i)
    std::printf("%10.0f us  %s\n", sorted[i].first, sorted[i].second.c_str());
}

}  // namespace
}  // namespace rexp::train

int main(int argc, char** argv) {
  rexp::train::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const size_t equals = arg.find('=');
    const std::string_view name = arg.substr(0, equals);
    const std::string value(equals == std::string_view::npos ? "" : arg.substr(equals + 1));
    if (name == "threads")
      options.threads = std::atoi(value.c_str());
    else if (name == "steps")
      options.steps = std::atol(value.c_str());
    else if (name == "micro")
      options.micro = std::atol(value.c_str());
    else if (name == "rows")
      options.rows = std::atol(value.c_str());
    else if (name == "dropout")
      options.dropout = std::atof(value.c_str());
    else if (name == "precision" && (value == "fp32" || value == "bf16"))
      options.precision =
          value == "fp32" ? rexp::model::Precision::fp32 : rexp::model::Precision::bf16;
    else if (name == "profile")
      options.profile = value == "1";
    else if (name == "shape" && (value == "tune" || value == "pretrain"))
      options.tune = value == "tune";
    else
      return std::fprintf(stderr, "train_bench: what is '%s'?\n", argv[i]), 2;
  }
  if (!options.profile) {
    rexp::train::run(options);
    return 0;
  }
  torch::autograd::profiler::enableProfilerLegacy(
      torch::autograd::profiler::ProfilerConfig(torch::autograd::profiler::ProfilerState::CPU));
  rexp::train::run(options);
  rexp::train::print_profile(torch::autograd::profiler::disableProfilerLegacy());
  return 0;
}
