// Training speed at the size of the main job: three layers of width 128, sequences of 50 items with four codes each, every token trained.
//
//   train_bench [threads = 1] [steps = 20] [micro-batch tokens = by default] [batch rows = 32] [auto|fp32|bf16] [profile]
//
// Prints one JSON line; counts real tokens. With `profile`, operators by self time follow.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/profiler_legacy.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>

#include "runtime/base/random.h"
#include "runtime/train/language_step.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/stage.h"

namespace rexp::train {
namespace {

constexpr int64_t kItems = 50, kLevels = 4, kCodes = 256;

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

std::vector<Example> examples(int64_t rows) {
  std::vector<Example> out;
  for (int64_t r = 0; r < rows; ++r) {
    Example example;
    const uint64_t s = stream(1, static_cast<uint64_t>(r));
    for (int64_t i = 0; i < kItems * kLevels; ++i) {
      example.ids.push_back(static_cast<int32_t>(
          i % kLevels * kCodes + static_cast<int64_t>(below(s, static_cast<uint64_t>(i), kCodes))));
      example.trained.push_back(i > 0);
      example.levels.push_back(static_cast<uint8_t>(1 + i % kLevels));
    }
    out.push_back(std::move(example));
  }
  return out;
}

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void run(int threads, int64_t steps, int64_t micro_tokens, int64_t rows,
         const std::string& precision) {
  at::set_num_threads(threads);
  const model::Config c = config();
  if (micro_tokens == 0) micro_tokens = default_micro_tokens(c);
  RowOfId identity(c.vocab);
  for (int64_t i = 0; i < c.vocab; ++i) identity[i] = i;
  const auto objective =
      read_loss({{"is", "CrossEntropy"}}, "the benchmark")->make({{}, identity, "the benchmark"});
  LanguageOptions options{.objective = objective->get()};
  options.precision = *model::pick_precision(precision, at::kCPU);
  LanguageStep language(c, model::random_weights(c, 1), options);
  const auto optimizer =
      read_optimizer({{"is", "AdamW"}, {"lr", 1e-3}}, "the benchmark")->make(language.parameters());
  const auto one = [&](const Batch& batch) {
    const double loss = language.accumulate(batch);
    optimizer->clip();
    optimizer->step(1.0);
    return loss;
  };
  Result<Batch> batch = pack(0, examples(rows), identity, {}, micro_tokens);
  if (!batch.ok()) return;
  one(*batch);
  std::vector<double> wall, cpu;
  double loss = 0;
  for (int64_t step = 0; step < steps; ++step) {
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
      threads, static_cast<long>(model::parameter_count(c)), static_cast<long>(batch->tokens),
      batch->parts.size(), tokens / wall[wall.size() / 2], tokens / wall.front(),
      tokens / cpu[cpu.size() / 2], loss);
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
  const auto number = [&](int i, int64_t otherwise) {
    return argc > i ? std::atol(argv[i]) : otherwise;
  };
  const auto run = [&] {
    rexp::train::run(static_cast<int>(number(1, 1)), number(2, 20), number(3, 0), number(4, 32),
                     argc > 5 ? argv[5] : "auto");
  };
  if (argc <= 6 || std::strcmp(argv[6], "profile") != 0) {
    run();
    return 0;
  }
  torch::autograd::profiler::enableProfilerLegacy(
      torch::autograd::profiler::ProfilerConfig(torch::autograd::profiler::ProfilerState::CPU));
  run();
  rexp::train::print_profile(torch::autograd::profiler::disableProfilerLegacy());
  return 0;
}
