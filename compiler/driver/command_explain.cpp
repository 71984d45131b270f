#include <cstdio>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/compile_options.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

struct ExplainArguments : CompileArguments {
  std::optional<std::string> store;
};

int explain(const ExplainArguments& arguments) {
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  source::SourceMap sources;
  diagnostics::Sink sink;
  const plan::CompileResult result = compile(sources, arguments.file, *options, sink);
  if (!result.plan) return report(sink, sources, arguments.json);
  const std::string root = store_folder(arguments.store);

  nlohmann::json nodes = nlohmann::json::array();
  size_t width = 0, cached = 0;
  for (const plan::Node& node : result.plan->nodes) width = std::max(width, node.name.size());
  std::string lines;
  for (const plan::Node& node : result.plan->nodes) {
    const bool have = store::has_artifact(root, node.key);
    cached += have ? 1 : 0;
    nlohmann::json inputs = nlohmann::json::array();
    for (const plan::NodeId input : node.inputs) inputs.push_back(result.plan->nodes[input].name);
    nodes.push_back({{"name", node.name},
                     {"kind", node.kind},
                     {"key", node.key},
                     {"state", have ? "cached" : "run"},
                     {"inputs", inputs},
                     {"note", node.note}});
    char line[512];
    std::snprintf(line, sizeof line, "  %-6s  %-*s  %-9s  %.12s  %s\n", have ? "cached" : "run",
                  static_cast<int>(width), node.name.c_str(), node.kind.c_str(), node.key.c_str(),
                  node.note.c_str());
    lines += line;
  }
  if (arguments.json) {
    print_json({{"experiment", result.experiment}, {"nodes", nodes}});
    return kOk;
  }
  std::printf("plan %s   %zu nodes, %zu cached in %s\n%s", result.experiment.c_str(), nodes.size(),
              cached, root.c_str(), lines.c_str());
  return report(sink, sources, false);
}

}  // namespace

void add_explain(Command& program) {
  auto arguments = std::make_shared<ExplainArguments>();
  Command command =
      program.command("explain", "show the plan: which nodes are cached, which would run");
  add_compile_options(command, *arguments);
  command.text("experiment", arguments->experiment,
               "which experiment of the file (default: the only one)");
  add_store_option(command, arguments->store);
  command.does([arguments] { return explain(*arguments); });
}

}  // namespace rexp::driver
