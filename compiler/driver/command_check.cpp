#include <cstdio>

#include "compiler/driver/commands.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/output.h"
#include "compiler/parse/parse.h"

namespace rexp::driver {

namespace {

int emit_tree(const CheckArguments& arguments) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  auto file = sources.open(arguments.file);
  if (!file) return report(file.error(), arguments.json);
  const ast::Module module = parse::parse_module(sources, *file, sink);
  std::fputs(ast::dump(module).c_str(), stdout);
  return report(sink, sources, false);
}

nlohmann::json plan_json(const plan::Plan& plan) {
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
  return {{"experiment", plan.experiment}, {"nodes", nodes}};
}

void print_rows(const plan::Plan& plan) {
  for (const plan::Node& node : plan.nodes) {
    for (const plan::Kernel& kernel : node.kernels) {
      if (kernel.role == "mixture") continue;
      std::printf("%s %s %s\n%s\n", node.name.c_str(), kernel.role.c_str(), kernel.name.c_str(),
                  row::canonical(kernel.function).c_str());
    }
  }
}

int emit_ir(const plan::Plan& plan, bool json) {
  Voices voices;
  auto ir = jit::plan_ir(plan, voices.options());
  if (!ir) return report(ir.error(), json);
  std::fputs(ir->c_str(), stdout);
  return kOk;
}

}  // namespace

int check(const CheckArguments& arguments) {
  if (arguments.emit == "ast") return emit_tree(arguments);
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  options->check_only = arguments.emit.empty();
  source::SourceMap sources;
  diagnostics::Sink sink;
  const plan::CompileResult result = plan::compile(sources, arguments.file, *options, sink);
  if (!result.ok || arguments.emit.empty()) {
    const int status = report(sink, sources, arguments.json);
    if (status == kOk && !arguments.json) {
      std::printf("%s: fine (%zu experiments, %zu templates)\n", arguments.file.c_str(),
                  result.experiments.size(), result.templates.size());
    }
    return status;
  }
  if (arguments.emit == "plan") {
    std::printf("%s\n", plan_json(*result.plan).dump(2).c_str());
    return kOk;
  }
  if (arguments.emit == "rows") {
    print_rows(*result.plan);
    return kOk;
  }
  return emit_ir(*result.plan, arguments.json);
}

}  // namespace rexp::driver
