// How many examples a second: the quickstart's next-item renderer and a text-heavy one, interpreted and compiled.
//
//   ninja -C build row_bench && build/tests/row_bench
//
// Both ways must give the same tokens for the rows that are measured, or nothing is measured.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>

#include "compiler/interp/interp.h"
#include "compiler/jit/jit.h"
#include "compiler/jit/plan_driver.h"
#include "compiler/lower/lower.h"
#include "compiler/row/weave.h"
#include "runtime/base/assert.h"
#include "runtime/base/random.h"
#include "tests/property/row_fixture.h"

namespace rexp::testing {
namespace {

using Fn = std::remove_pointer_t<RexpRowFn>;
constexpr uint64_t kRows = 1024;

/// user one of { plain, casual } with the history's ids, assistant "${next.sid}": every stretch is known while compiling.
row::RowFunction next_item() {
  Builder b(row::FunctionKind::renderer, "next_item");
  const int32_t v = b.new_var();
  const auto asks = b.choose(
      v, {3, 1},
      {{b.print("基于这些商品："), b.history_sids(", "), b.print("，预测用户下一步会点开哪一个。")},
       {b.print("我看了："), b.history_sids(", "), b.print("，推荐一下。")}});
  b.function.body = {b.turn(row::Role::system, {b.print("你是一个专业的电影商品推荐助手。")}),
                     b.turn(row::Role::user, {asks}),
                     b.turn(row::Role::assistant, {b.print(b.sid_of(b.next()))})};
  return b.function;
}

/// "我看了《…》、《…》" where the film is not the next one, and its categories: the tokenizer runs per row.
row::RowFunction titles() {
  Builder b(row::FunctionKind::renderer, "titles");
  const int32_t v = b.new_var(), w = b.new_var(), u = b.new_var();
  const auto other = b.expr(row::Op::ne, kBool, {b.item_of(b.var(w, kEvent)), b.item_of(b.next())});
  const auto kept = b.expr(row::Op::filter, list_of(kEvent), {b.history(), other}, w);
  const auto all =
      b.expr(row::Op::flat_map, list_of(kText), {b.history(), b.category_of(b.var(u, kEvent))}, u);
  const auto top = b.expr(row::Op::most_common, list_of(kText), {all, b.integer(2)});
  const auto seen =
      b.each(v, kept, {b.print("《"), b.print(b.title_of(b.var(v, kEvent))), b.print("》")},
             {b.print("、")});
  b.function.body = {
      b.turn(row::Role::user, {b.print("我看了"), seen, b.print("，类型："),
                               b.print(b.expr(row::Op::join, kText, {top, b.text("、")}))}),
      b.turn(row::Role::assistant, {b.print(b.sid_of(b.next()))})};
  return b.function;
}

class Subject {
 public:
  Subject(const row::RowFunction& function, text::Tokenizer tokenizer)
      : tokenizer_(std::move(tokenizer)),
        texts_(tokenizer_),
        context_(world_.context(&tokenizer_)),
        cached_(world_.context(&tokenizer_, &texts_)) {
    Result<row::RowFunction> woven = row::weave(function, tokenizer_, chatml(tokenizer_));
    REXP_ASSERT(woven.ok(), "the function cannot be woven");
    function_ = *woven;
    sharing_ = row::look_at_sharing(function_);
    lower::Unit unit("bench");
    lower::lower_function(unit, function_, "f");
    auto jit = jit::Jit::create();
    REXP_ASSERT(jit.ok() && (*jit)->add(std::move(unit)).ok(), "the function cannot be compiled");
    jit_ = std::move(*jit);
    fn_ = *jit_->function<Fn>("f");
    for (uint64_t i = 0; i < kRows; ++i) rows_.push_back(world_.row(i));
    check();
  }

  void interpret(uint64_t i, RexpSink* sink) {
    interp::run(function_, sharing_, context_, rows_[i].data(), stream(1, i), sink);
  }
  void execute(uint64_t i, RexpSink* sink) { fn_(&context_, rows_[i].data(), stream(1, i), sink); }
  /// With the tokens of titles remembered, as in a run.
  void remember(uint64_t i, RexpSink* sink) { fn_(&cached_, rows_[i].data(), stream(1, i), sink); }

 private:
  void check() {
    const auto equal = [](const abi::SinkBuffer& a, const abi::SinkBuffer& b) {
      return std::ranges::equal(a.ids(), b.ids()) && std::ranges::equal(a.trained(), b.trained()) &&
             std::ranges::equal(a.levels(), b.levels());
    };
    abi::SinkBuffer a, b, c;
    for (uint64_t i = 0; i < kRows; ++i) {
      for (abi::SinkBuffer* sink : {&a, &b, &c}) sink->clear();
      interpret(i, a.get());
      execute(i, b.get());
      remember(i, c.get());
      REXP_ASSERT(equal(a, b) && equal(a, c), "compiled and interpreted rows differ");
    }
  }

  World world_;
  text::Tokenizer tokenizer_;
  abi::TextCache texts_;
  RexpRowContext context_, cached_;
  row::RowFunction function_;
  row::Sharing sharing_;
  std::unique_ptr<jit::Jit> jit_;
  Fn* fn_ = nullptr;
  std::vector<std::vector<int64_t>> rows_;
};

using Way = void (Subject::*)(uint64_t, RexpSink*);

void rows_per_second(benchmark::State& state, const std::shared_ptr<Subject>& subject, Way way) {
  abi::SinkBuffer sink;
  uint64_t i = 0;
  for (auto _ : state) {
    sink.clear();
    ((*subject).*way)(i, sink.get());
    benchmark::DoNotOptimize(sink.ids().data());
    i = (i + 1) % kRows;
  }
  state.SetItemsProcessed(state.iterations());
}

void add(const std::string& name, const row::RowFunction& function, text::Tokenizer tokenizer) {
  const auto subject = std::make_shared<Subject>(function, std::move(tokenizer));
  const auto way = [&](const char* how, Way run) {
    benchmark::RegisterBenchmark((name + how).c_str(), [subject, run](benchmark::State& state) {
      rows_per_second(state, subject, run);
    });
  };
  way("/interpreted", &Subject::interpret);
  way("/compiled", &Subject::execute);
  way("/compiled, texts remembered", &Subject::remember);
}

void compile_time(benchmark::State& state) {
  const text::Tokenizer tokenizer = small_tokenizer();
  const row::RowFunction woven = *row::weave(titles(), tokenizer, chatml(tokenizer));
  for (auto _ : state) {
    lower::Unit unit("bench");
    lower::lower_function(unit, woven, "f");
    auto jit = jit::Jit::create();
    benchmark::DoNotOptimize((*jit)->add(std::move(unit)).ok() && (*jit)->lookup("f").ok());
  }
}
BENCHMARK(compile_time)->Name("titles/compile")->Unit(benchmark::kMillisecond);

int32_t entered(RexpRun*, const RexpNode*) noexcept { return REXP_OK; }

/// Stages that all train the same nine tasks, each in a mixture of its own.
plan::Plan stages_of_nine_tasks(int stages) {
  plan::Plan out;
  out.experiment = "bench";
  const auto node = [&](std::string name, const char* kind) -> plan::Node& {
    out.nodes.emplace_back();
    out.nodes.back().name = std::move(name);
    out.nodes.back().kind = kind;
    out.nodes.back().args = out.nodes.back().site = nlohmann::json::object();
    return out.nodes.back();
  };
  node("films", "load");
  for (int stage = 0; stage < stages; ++stage) {
    plan::Node& train = node("stage" + std::to_string(stage), "train");
    train.inputs = {0, 0, 0};
    std::vector<double> weights(9, 1.0);
    weights[static_cast<size_t>(stage % 9)] = 2.0;
    train.kernels.push_back({"mixture", "m", {}, {{"unit", "copies"}, {"weights", weights}}});
    for (int task = 0; task < 9; ++task) {
      row::RowFunction f = task % 2 == 0 ? next_item() : titles();
      for (row::Expr& e : f.exprs) {
        if (e.op == row::Op::const_text) e.text += std::to_string(task);
      }
      train.kernels.push_back({"render", "t" + std::to_string(task), f, {}});
    }
  }
  return out;
}

void plan_compile_time(benchmark::State& state) {
  const plan::Plan plan = stages_of_nine_tasks(static_cast<int>(state.range(0)));
  const auto tokenizer = std::make_shared<text::Tokenizer>(small_tokenizer());
  jit::PlanOptions options;
  options.voice = [&](const plan::Plan&, plan::NodeId, const plan::Kernel&) -> Result<jit::Voice> {
    return jit::Voice{tokenizer, chatml(*tokenizer)};
  };
  void* address = reinterpret_cast<void*>(&entered);
  for (auto _ : state) {
    const auto compiled =
        jit::compile_plan(plan, options, {{"rexp_rt_load", address}, {"rexp_rt_train", address}});
    REXP_ASSERT(compiled.ok(), "the plan cannot be compiled");
    benchmark::DoNotOptimize(compiled->main);
  }
}
BENCHMARK(plan_compile_time)
    ->Name("plan/compile, stages of nine tasks")
    ->Arg(1)
    ->Arg(21)
    ->Unit(benchmark::kMillisecond);

void add_all() {
  add("next_item", next_item(), small_tokenizer());
  add("titles", titles(), small_tokenizer());
  auto qwen = text::Tokenizer::from_tiktoken(REXP_DEPS_DIR "/data/qwen.tiktoken",
                                             text::qwen3_added_tokens());
  if (qwen.ok()) add("titles, qwen", titles(), std::move(*qwen));
}

}  // namespace
}  // namespace rexp::testing

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  rexp::testing::add_all();
  benchmark::RunSpecifiedBenchmarks();
}
