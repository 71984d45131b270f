#include "compiler/driver/emit.h"

#include <cstdio>

#include "compiler/check/print.h"
#include "compiler/driver/command_eval.h"
#include "compiler/driver/output.h"
#include "compiler/driver/voices.h"
#include "compiler/parse/parse.h"
#include "compiler/plan/front.h"

namespace rexp::driver {

int emit_tree(const CompileArguments& arguments) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  auto file = sources.open(arguments.file);
  if (!file) return report(file.error(), arguments.json);
  const ast::Module module = parse::parse_module(sources, *file, sink);
  std::fputs(ast::dump(module).c_str(), stdout);
  return report(sink, sources, false);
}

int emit_types(const CompileArguments& arguments, const plan::CompileOptions& options) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  plan::Front front(sources, options, sink);
  if (front.load(arguments.file)) {
    front.check();
    std::fputs(check::print_types(front.program, front.typed, front.program.main()).c_str(),
               stdout);
  }
  return report(sink, sources, false);
}

int emit_values(const CompileArguments& arguments) { return eval(EvalArguments{arguments}); }

int emit_plan(const plan::Plan& plan) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const plan::Node& node : plan.nodes) {
    nlohmann::json inputs = nlohmann::json::array(), kernels = nlohmann::json::array();
    for (const plan::NodeId input : node.inputs) inputs.push_back(plan.nodes[input].name);
    for (const plan::Kernel& kernel : node.kernels)
      kernels.push_back({{"role", kernel.role}, {"name", kernel.name}});
    nodes.push_back({{"name", node.name},
                     {"kind", node.kind},
                     {"args", node.args},
                     {"inputs", inputs},
                     {"kernels", kernels}});
  }
  std::printf("%s\n",
              nlohmann::json{{"experiment", plan.experiment}, {"nodes", nodes}}.dump(2).c_str());
  return kOk;
}

int emit_rows(const plan::Plan& plan) {
  for (const plan::Node& node : plan.nodes) {
    for (const plan::Kernel& kernel : node.kernels) {
      if (kernel.role == "mixture") continue;
      std::printf("%s %s %s\n%s\n", node.name.c_str(), kernel.role.c_str(), kernel.name.c_str(),
                  row::canonical(kernel.function).c_str());
    }
  }
  return kOk;
}

int emit_ir(const plan::Plan& plan, bool json) {
  Voices voices;
  auto ir = jit::plan_ir(plan, voices.options());
  if (!ir) return report(ir.error(), json);
  std::fputs(ir->c_str(), stdout);
  return kOk;
}

}  // namespace rexp::driver
