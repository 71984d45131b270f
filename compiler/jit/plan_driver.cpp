#include "compiler/jit/plan_driver.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <unordered_map>
#include <utility>

#include "compiler/lower/lower.h"
#include "compiler/row/weave.h"
#include "runtime/base/assert.h"

namespace rexp::jit {
namespace {

constexpr const char* kMain = "rexp_plan_main";

// The constants below are laid out by LLVM as C lays out the structs of abi.h: pointers and 64-bit integers only.
static_assert(sizeof(RexpKernel) == 4 * sizeof(void*));
static_assert(sizeof(RexpNode) == 11 * sizeof(void*) && sizeof(void*) == sizeof(int64_t));

class PlanEmitter {
 public:
  PlanEmitter(const plan::Plan& plan, const PlanOptions& options)
      : plan_(plan), options_(options), unit_(plan.experiment), b_(unit_.context()) {}

  Result<lower::Unit> run() {
    for (plan::NodeId id = 0; id < static_cast<plan::NodeId>(plan_.nodes.size()); ++id) {
      Result<llvm::Constant*> node = make_node(id);
      if (!node.ok()) return node.error();
      nodes_.push_back(*node);
    }
    make_main();
    return std::move(unit_);
  }

 private:
  llvm::Module& module() { return unit_.module(); }
  llvm::PointerType* pointer() { return b_.getPtrTy(); }

  llvm::GlobalVariable* constant(llvm::Constant* value, const std::string& name) {
    auto* global = new llvm::GlobalVariable(module(), value->getType(), true,
                                            llvm::GlobalValue::PrivateLinkage, value, name);
    global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return global;
  }
  llvm::Constant* text(const std::string& value) {
    return constant(llvm::ConstantDataArray::getString(unit_.context(), value), "text");
  }
  llvm::Constant* array(const std::vector<llvm::Constant*>& elements, const std::string& name) {
    if (elements.empty()) return llvm::ConstantPointerNull::get(pointer());
    return constant(llvm::ConstantArray::get(
                        llvm::ArrayType::get(elements[0]->getType(), elements.size()), elements),
                    name);
  }

  // ---- row functions ----------------------------------------------------------------------------------------------

  /// The function as the node calls it, and what its caller must know.
  struct Bound {
    row::RowFunction function;
    nlohmann::json binding;
  };

  Result<Bound> bound(plan::NodeId id, const plan::Kernel& kernel) {
    if (kernel.role != "render" && kernel.role != "prompt")
      return Bound{kernel.function, binding(kernel.function)};
    Result<Voice> voice = options_.voice(plan_, id, kernel);
    if (!voice.ok()) return voice.error();
    const auto extent = kernel.role == "prompt" ? row::Extent::prompt : row::Extent::whole;
    Result<row::RowFunction> woven =
        row::weave(kernel.function, *voice->tokenizer, voice->format, {extent});
    if (!woven.ok()) return woven.error();
    nlohmann::json reads = binding(*woven);
    const bool stub = voice->format.think == text::Think::empty;
    reads["chat"] = {{"format", voice->format.name}, {"think", stub ? "empty" : "none"}};
    return Bound{std::move(*woven), std::move(reads)};
  }

  Result<llvm::Constant*> make_kernel(plan::NodeId id, const plan::Kernel& kernel,
                                      const std::string& symbol) {
    std::string reads = "{}";
    llvm::Function* fn = nullptr;
    if (kernel.role == "mixture") {
      Result<row::Mixture> mixture =
          row::make_mixture(kernel.mixture.at("unit").get<std::string>(),
                            kernel.mixture.at("weights").get<std::vector<double>>());
      if (!mixture.ok()) return mixture.error();
      fn = code("mixture " + kernel.mixture.dump(),
                [&] { return lower::lower_mixture(unit_, *mixture, symbol); });
    } else {
      Result<Bound> one = bound(id, kernel);
      if (!one.ok()) return one.error();
      reads = one->binding.dump();
      fn = code(row::canonical(one->function) + reads,
                [&] { return lower::lower_function(unit_, one->function, symbol); });
    }
    return llvm::ConstantStruct::getAnon({text(kernel.role), text(kernel.name), text(reads), fn});
  }

  /// Equal row functions, woven for equal voices, have one code: stages that share a task share its renderer.
  template <class Lower>
  llvm::Function* code(const std::string& key, Lower lower) {
    llvm::Function*& known = functions_[key];
    if (known == nullptr) {
      known = lower();
      known->setLinkage(llvm::GlobalValue::InternalLinkage);
    }
    return known;
  }

  // ---- nodes ------------------------------------------------------------------------------------------------------

  Result<llvm::Constant*> make_node(plan::NodeId id) {
    const plan::Node& node = plan_.nodes[static_cast<size_t>(id)];
    std::vector<llvm::Constant*> keys, kinds, kernels;
    for (plan::NodeId input : node.inputs) {
      REXP_ASSERT(input < id, "a plan is not in topological order");
      keys.push_back(text(plan_.nodes[static_cast<size_t>(input)].key));
      kinds.push_back(text(plan_.nodes[static_cast<size_t>(input)].kind));
    }
    for (const plan::Kernel& kernel : node.kernels) {
      const std::string symbol =
          node.name + "." + kernel.role + "." + kernel.name + "." + std::to_string(kernels.size());
      Result<llvm::Constant*> made = make_kernel(id, kernel, symbol);
      if (!made.ok()) return made.error();
      kernels.push_back(*made);
    }
    const auto count = [&](size_t n) { return b_.getInt64(n); };
    llvm::Constant* value = llvm::ConstantStruct::getAnon(
        {text(node.name), text(node.kind), text(node.key), text(node.args.dump()),
         text(node.site.dump()), array(keys, "inputs"), array(kinds, "input_kinds"),
         count(keys.size()), array(kernels, "kernels"), count(kernels.size()),
         b_.getInt64(node.stream)});
    return llvm::cast<llvm::Constant>(constant(value, "node." + std::to_string(id)));
  }

  // ---- the driver -------------------------------------------------------------------------------------------------

  void make_main() {
    llvm::LLVMContext& context = unit_.context();
    auto* fn = llvm::Function::Create(llvm::FunctionType::get(b_.getInt32Ty(), {pointer()}, false),
                                      llvm::Function::ExternalLinkage, kMain, module());
    fn->setDoesNotThrow();
    auto* entry = llvm::BasicBlock::Create(context, "entry", fn);
    auto* stop = llvm::BasicBlock::Create(context, "stop", fn);
    b_.SetInsertPoint(stop);
    llvm::PHINode* failed = b_.CreatePHI(b_.getInt32Ty(), static_cast<unsigned>(nodes_.size()));
    b_.CreateRet(failed);
    b_.SetInsertPoint(entry);
    for (size_t i = 0; i < nodes_.size(); ++i) {
      llvm::Value* status =
          b_.CreateCall(entry_point(plan_.nodes[i].kind), {fn->getArg(0), nodes_[i]}, "status");
      failed->addIncoming(status, b_.GetInsertBlock());
      auto* next = llvm::BasicBlock::Create(context, "next", fn);
      b_.CreateCondBr(b_.CreateICmpNE(status, b_.getInt32(REXP_OK)), stop, next);
      b_.SetInsertPoint(next);
    }
    b_.CreateRet(b_.getInt32(REXP_OK));
    if (nodes_.empty()) {
      failed->eraseFromParent();
      stop->eraseFromParent();
    }
    REXP_ASSERT(!llvm::verifyFunction(*fn, &llvm::errs()), "the plan's driver is invalid code");
  }

  llvm::FunctionCallee entry_point(const std::string& kind) {
    auto* type = llvm::FunctionType::get(b_.getInt32Ty(), {pointer(), pointer()}, false);
    llvm::FunctionCallee callee = module().getOrInsertFunction("rexp_rt_" + kind, type);
    llvm::cast<llvm::Function>(callee.getCallee())->setDoesNotThrow();
    return callee;
  }

  const plan::Plan& plan_;
  const PlanOptions& options_;
  lower::Unit unit_;
  llvm::IRBuilder<> b_;
  std::vector<llvm::Constant*> nodes_;
  std::unordered_map<std::string, llvm::Function*>
      functions_;  // by what they do and what they are bound to
};

}  // namespace

nlohmann::json binding(const row::RowFunction& function) {
  // Only what prints semantic ids reads the tables of their tokens; to compare them their items are enough.
  const bool prints = function.kind == row::FunctionKind::renderer;
  nlohmann::json out = {{"columns", nlohmann::json::array()},
                        {"codebooks", prints ? function.codebooks : std::vector<int32_t>{}},
                        {"slots", nlohmann::json::array()}};
  for (const row::ColumnRef& c : function.columns) {
    out["columns"].push_back({{"input", c.input}, {"table", c.table}, {"column", c.column}});
  }
  for (const row::Slot& slot : function.slots) out["slots"].push_back(slot.name);
  return out;
}

Result<std::string> plan_ir(const plan::Plan& plan, const PlanOptions& options) {
  Result<lower::Unit> unit = PlanEmitter(plan, options).run();
  if (!unit.ok()) return unit.error();
  return unit->text();
}

Result<CompiledPlan> compile_plan(const plan::Plan& plan, const PlanOptions& options,
                                  const std::vector<Symbol>& entry_points) {
  Result<lower::Unit> unit = PlanEmitter(plan, options).run();
  if (!unit.ok()) return unit.error();
  CompiledPlan out;
  if (options.keep_ir) out.ir_text = unit->text();
  auto jit = Jit::create(entry_points);
  if (!jit.ok()) return jit.error();
  out.jit = std::move(*jit);
  REXP_TRY(out.jit->add(std::move(*unit)));
  auto main = out.jit->function<int32_t(RexpRun*)>(kMain);
  if (!main.ok()) return main.error();
  out.main = *main;
  return out;
}

}  // namespace rexp::jit
