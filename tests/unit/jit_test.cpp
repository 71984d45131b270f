#include <gtest/gtest.h>

#include "runtime/base/json.h"

#include "compiler/jit/jit.h"
#include "compiler/jit/plan_driver.h"
#include "tests/property/row_fixture.h"

/// What the fake entry points see and answer.
struct RexpRun {
  std::vector<const RexpNode*> nodes;
  std::string fails;  // name of the node that does
};

namespace rexp::testing {
namespace {

int32_t entered(RexpRun* run, const RexpNode* node) noexcept {
  run->nodes.push_back(node);
  return run->fails == node->name ? REXP_USER : REXP_OK;
}

std::vector<jit::Symbol> entry_points() {
  void* address = reinterpret_cast<void*>(&entered);
  return {{"rexp_rt_load", address}, {"rexp_rt_rows", address}, {"rexp_rt_train", address}};
}

plan::Node node(std::string name, std::string kind, std::string key,
                std::vector<plan::NodeId> inputs = {}) {
  plan::Node out;
  out.name = std::move(name);
  out.kind = std::move(kind);
  out.key = std::move(key);
  out.inputs = std::move(inputs);
  out.args = out.site = nlohmann::json::object();
  return out;
}

class PlanDriver : public ::testing::Test {
 protected:
  PlanDriver() : tokenizer_(std::make_shared<text::Tokenizer>(small_tokenizer())) {
    options_.voice = [this](const plan::Plan&, plan::NodeId,
                            const plan::Kernel&) -> Result<jit::Voice> {
      return jit::Voice{tokenizer_, chatml(*tokenizer_)};
    };
    plan_.experiment = "quickstart";
    plan::Node load = node("films", "load", "aa");
    Builder keep(row::FunctionKind::predicate);
    keep.function.result = keep.expr(
        row::Op::le, kBool, {keep.integer(3), keep.expr(row::Op::length, kInt, {keep.history()})});
    load.kernels = {{"keep", "films", keep.function, {}}};
    Builder next(row::FunctionKind::renderer, "next");
    next.function.body = {next.turn(row::Role::user, {next.history_sids("，")}),
                          next.turn(row::Role::assistant, {next.print(next.sid_of(next.next()))})};
    plan::Node train = node("quickstart/tune", "train", "cc", {0, 1});
    train.stream = 77;
    train.kernels = {{"mixture", "tune", {}, {{"unit", "copies"}, {"weights", {1.0, 2.0}}}},
                     {"render", "next", next.function, {}}};
    plan_.nodes = {load, node("windows", "rows", "bb", {0}), train};
  }

  Result<jit::CompiledPlan> compile() {
    options_.keep_ir = true;
    return jit::compile_plan(plan_, options_, entry_points());
  }

  World world_;
  std::shared_ptr<text::Tokenizer> tokenizer_;
  jit::PlanOptions options_;
  plan::Plan plan_;
};

TEST_F(PlanDriver, CallsEveryNodeInOrderWithItsConstants) {
  auto compiled = compile();
  ASSERT_TRUE(compiled.ok()) << compiled.error().message;
  RexpRun run;
  EXPECT_EQ(compiled->main(&run), REXP_OK);
  ASSERT_EQ(run.nodes.size(), 3u);
  const RexpNode& train = *run.nodes[2];
  EXPECT_STREQ(train.name, "quickstart/tune");
  EXPECT_STREQ(train.kind, "train");
  EXPECT_STREQ(train.key, "cc");
  EXPECT_STREQ(train.args, "{}");
  EXPECT_EQ(train.stream, 77u);
  ASSERT_EQ(train.input_count, 2);
  EXPECT_STREQ(train.inputs[1], "bb");
  EXPECT_STREQ(train.input_kinds[0], "load");
  ASSERT_EQ(train.kernel_count, 2);
  EXPECT_STREQ(train.kernels[1].role, "render");
  const auto binding = nlohmann::json::parse(train.kernels[1].binding);
  EXPECT_EQ(binding["columns"][0],
            (nlohmann::json{{"input", 0}, {"table", "items"}, {"column", "title"}}));
  EXPECT_EQ(binding["codebooks"], (nlohmann::json{1, 2}));
  EXPECT_EQ(binding["slots"][2], "next");
}

TEST_F(PlanDriver, ItsKernelsRun) {
  auto compiled = compile();
  ASSERT_TRUE(compiled.ok()) << compiled.error().message;
  RexpRun run;
  ASSERT_EQ(compiled->main(&run), REXP_OK);
  abi::SinkBuffer sink;
  const RexpRowContext context = world_.context(nullptr);
  const int64_t row[] = {3, 6, 6, 0, 0, 0};
  EXPECT_EQ(run.nodes[0]->kernels[0].fn(&context, row, 0, sink.get()), REXP_OK);
  EXPECT_EQ(sink.value(), 1);
  sink.clear();
  EXPECT_EQ(run.nodes[2]->kernels[1].fn(&context, row, 0, sink.get()),
            REXP_OK);  // no tokenizer is needed
  EXPECT_EQ(sink.ids().front(), 601);
  const int64_t position[] = {4, 5, 6};
  EXPECT_EQ(run.nodes[2]->kernels[0].fn(&context, position, 9, sink.get()), REXP_OK);
}

TEST_F(PlanDriver, TheFirstStatusThatIsNotOkEndsTheRun) {
  auto compiled = compile();
  ASSERT_TRUE(compiled.ok());
  RexpRun run;
  run.fails = "windows";
  EXPECT_EQ(compiled->main(&run), REXP_USER);
  EXPECT_EQ(run.nodes.size(), 2u);
}

TEST_F(PlanDriver, TextNamesDriverAndKernels) {
  const auto ir = jit::plan_ir(plan_, options_);
  ASSERT_TRUE(ir.ok());
  EXPECT_NE(ir->find("define i32 @rexp_plan_main(ptr %0)"), std::string::npos);
  EXPECT_NE(ir->find("@\"quickstart/tune.render.next.1\""), std::string::npos);
  EXPECT_EQ(*ir, compile()->ir_text);
}

TEST_F(PlanDriver, EqualKernelsHaveOneCode) {
  const plan::Node train = plan_.nodes.back();
  for (int stage = 0; stage < 20; ++stage) {
    plan_.nodes.push_back(train);
    plan_.nodes.back().name = "quickstart/stage_" + std::to_string(stage);
  }
  auto compiled = compile();
  ASSERT_TRUE(compiled.ok()) << compiled.error().message;
  RexpRun run;
  ASSERT_EQ(compiled->main(&run), REXP_OK);
  EXPECT_EQ(run.nodes[2]->kernels[1].fn, run.nodes[3]->kernels[1].fn);
  EXPECT_EQ(run.nodes[2]->kernels[0].fn, run.nodes[21]->kernels[0].fn);
  EXPECT_NE(run.nodes[2]->kernels[0].fn, run.nodes[2]->kernels[1].fn);
}

TEST_F(PlanDriver, AMissingEntryPointIsAnErrorBeforeAnythingRuns) {
  const auto compiled = jit::compile_plan(plan_, options_, {entry_points()[0]});
  ASSERT_FALSE(compiled.ok());
  EXPECT_NE(compiled.error().message.find("rexp_rt_train"), std::string::npos)
      << compiled.error().message;
}

TEST_F(PlanDriver, AVoicesErrorIsThePlans) {
  options_.voice = [](const plan::Plan&, plan::NodeId, const plan::Kernel&) -> Result<jit::Voice> {
    return user_error("no tokenizer");
  };
  const auto compiled = compile();
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(compiled.error().message, "no tokenizer");
}

TEST(Jit, DoesNotSearchTheProcess) {
  auto jit = jit::Jit::create();
  ASSERT_TRUE(jit.ok());
  EXPECT_FALSE((*jit)->lookup("malloc").ok());
  EXPECT_TRUE((*jit)->lookup("rexp_rk_emit").ok());
}

TEST(Jit, RefusesASymbolGivenTwice) {
  void* address = reinterpret_cast<void*>(&entered);
  EXPECT_FALSE(jit::Jit::create({{"rexp_rt_load", address}, {"rexp_rt_load", address}}).ok());
}

}  // namespace
}  // namespace rexp::testing
