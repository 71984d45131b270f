// The plan as machine code: a straight line over its nodes, in topological order.
//
//   define i32 @rexp_plan_main(ptr %run) {
//     %load = call i32 @rexp_rt_load(ptr %run, ptr @node.0)        ; @node.0: name, key, arguments, inputs, row functions
//     %failed = icmp ne i32 %load, 0
//     br i1 %failed, label %stop, label %next ...
//
// Scheduling is decided here and nowhere else: a node whose artifact is in the store returns at once by itself, and the first
// status that is not REXP_OK ends the run and is its result.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/jit/jit.h"
#include "compiler/plan/plan.h"
#include "runtime/abi/abi.h"
#include "runtime/base/result.h"
#include "runtime/text/chat_format.h"
#include "runtime/text/tokenizer.h"

namespace rexp::jit {

/// How the model behind a kernel speaks.
struct Voice {
  std::shared_ptr<const text::Tokenizer> tokenizer;
  text::ChatFormat format;
};

struct PlanOptions {
  /// Asked for every kernel with role "render" or "prompt": the voice of the model that will read it.
  std::function<Result<Voice>(const plan::Plan&, plan::NodeId, const plan::Kernel&)> voice;
  bool keep_ir = false;  // fill CompiledPlan::ir_text
};

struct CompiledPlan {
  std::unique_ptr<Jit> jit;  // owns the code
  int32_t (*main)(RexpRun*) = nullptr;
  std::string ir_text;  // before optimisation
};

/// Compiles row functions and driver into one module. `entry_points`: one `rexp_rt_<kind>` per kind that the plan uses.
/// Errors: those of the voice and of weaving (user); a missing entry point (internal).
Result<CompiledPlan> compile_plan(const plan::Plan& plan, const PlanOptions& options,
                                  const std::vector<Symbol>& entry_points);

/// The driver and the row functions as LLVM assembly, without entry points: `rexp check --emit llvm`.
Result<std::string> plan_ir(const plan::Plan& plan, const PlanOptions& options);

/// RexpKernel::binding of a row function: which columns, codebooks and slots its caller must supply, in order.
nlohmann::json binding(const row::RowFunction& function);

}  // namespace rexp::jit
