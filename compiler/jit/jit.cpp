#include "compiler/jit/jit.h"

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/ThreadSafeModule.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/IPO/ConstantMerge.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "runtime/abi/row_helpers.h"
#include "runtime/base/fault.h"

namespace rexp::jit {

struct Jit::Impl {
  std::unique_ptr<llvm::TargetMachine> machine;  // for the optimiser's cost model
  std::string reports;  // the session's words about failures: names of missing symbols
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

namespace {

Error fault(const std::string& what, llvm::Error error) {
  const std::string why = llvm::toString(std::move(error));
  return says_no_memory(why) ? out_of_memory("compiled code") : internal_error(what + why);
}

void initialise_llvm() {
  [[maybe_unused]] static const bool once = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
}

template <class R, class... A>
void* address_of(R (*function)(A...) noexcept) {
  return reinterpret_cast<void*>(function);
}

/// row_helpers.def, and what code generation calls where the machine has no instruction.
std::vector<Symbol> own_symbols() {
  return {
#define REXP_HELPER(result, name, parameters) {#name, address_of(&name)},
#include "runtime/abi/row_helpers.def"
#undef REXP_HELPER
      {"memcpy", reinterpret_cast<void*>(&std::memcpy)},
      {"memmove", reinterpret_cast<void*>(&std::memmove)},
      {"memset", reinterpret_cast<void*>(&std::memset)},
      {"floor", reinterpret_cast<void*>(static_cast<double (*)(double)>(&std::floor))},
  };
}

llvm::Error define(llvm::orc::LLJIT& jit, const std::vector<Symbol>& symbols) {
  const auto flags = llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable;
  for (const Symbol& symbol : symbols) {
    const auto address = llvm::orc::ExecutorAddr::fromPtr(symbol.address);
    auto definition =
        llvm::orc::absoluteSymbols({{jit.mangleAndIntern(symbol.name), {address, flags}}});
    if (llvm::Error error = jit.getMainJITDylib().define(std::move(definition))) return error;
  }
  return llvm::Error::success();
}

/// Variables of the frame become registers, what is loaded twice is loaded once, what a loop need not do is done in front of it.
/// `lower` inlines and shares already, so the rest of O2 takes half of the compile time and changes nothing that can be measured.
llvm::FunctionPassManager cheap_passes() {
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()),
                                                       /*UseMemorySSA=*/true));
  passes.addPass(llvm::SimplifyCFGPass());
  return passes;
}

void optimise(llvm::Module& module, llvm::TargetMachine* machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder passes(machine);
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(components);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager all;
  all.addPass(llvm::createModuleToFunctionPassAdaptor(cheap_passes()));
  all.addPass(llvm::ConstantMergePass());
  all.run(module, modules);
}

}  // namespace

Jit::Jit(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Jit::~Jit() = default;

Result<std::unique_ptr<Jit>> Jit::create(const std::vector<Symbol>& entry_points) {
  initialise_llvm();
  auto target = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!target) return fault("the machine is unknown to LLVM: ", target.takeError());
  target->getOptions().AllowFPOpFusion = llvm::FPOpFusion::Strict;
  auto machine = target->createTargetMachine();
  if (!machine) return fault("LLVM has no target for this machine: ", machine.takeError());
  auto jit = llvm::orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(*target))
                 .setLinkProcessSymbolsByDefault(false)
                 .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
                 .create();
  if (!jit) return fault("the JIT did not start: ", jit.takeError());
  for (const auto& symbols : {own_symbols(), entry_points}) {
    if (llvm::Error error = define(**jit, symbols))
      return fault("a symbol cannot be defined: ", std::move(error));
  }
  auto impl = std::make_unique<Impl>(Impl{std::move(*machine), {}, std::move(*jit)});
  impl->jit->getExecutionSession().setErrorReporter([reports = &impl->reports](llvm::Error error) {
    *reports += llvm::toString(std::move(error)) + "; ";
  });
  return std::unique_ptr<Jit>(new Jit(std::move(impl)));
}

Status Jit::add(lower::Unit unit) {
  auto module = unit.take_module();
  module->setDataLayout(impl_->jit->getDataLayout());
  module->setTargetTriple(impl_->machine->getTargetTriple().str());
  optimise(*module, impl_->machine.get());
  if (llvm::Error error = impl_->jit->addIRModule({std::move(module), unit.take_context()})) {
    return fault("compiled code cannot be added: ", std::move(error));
  }
  return {};
}

Result<void*> Jit::lookup(const std::string& name) {
  impl_->reports.clear();
  auto address = impl_->jit->lookup(name);
  if (!address) return fault("no code for `" + name + "`: " + impl_->reports, address.takeError());
  return address->toPtr<void*>();
}

void on_exhausted_memory(void (*handler)()) {
  static void (*chosen)() = nullptr;
  if (std::exchange(chosen, handler) != nullptr) return;
  llvm::install_bad_alloc_error_handler([](void*, const char*, bool) { chosen(); });
}

}  // namespace rexp::jit
