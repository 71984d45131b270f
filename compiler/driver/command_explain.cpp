#include <algorithm>
#include <cstdio>
#include <set>

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

/// A kind of node over all runs of a sweep.
struct Work {
  std::string kind;
  size_t asked = 0;                    // nodes of all runs
  std::set<std::string> keys, cached;  // that are distinct; of them those in the store
};

/// By kind, in the order of the plans.
std::vector<Work> work_of(const plan::SweepPlan& sweep, const std::string& store) {
  std::vector<Work> out;
  for (const plan::SweepRun& run : sweep.runs) {
    for (const plan::Node& node : run.plan.nodes) {
      auto at = std::find_if(out.begin(), out.end(),
                             [&](const Work& work) { return work.kind == node.kind; });
      if (at == out.end()) at = out.insert(at, Work{node.kind, 0, {}, {}});
      ++at->asked;
      if (at->keys.insert(node.key).second && store::has_artifact(store, node.key))
        at->cached.insert(node.key);
    }
  }
  return out;
}

void explain_sweep(const plan::CompileResult& result, const std::string& store, bool json) {
  const plan::SweepPlan& sweep = *result.sweep;
  const std::vector<Work> all = work_of(sweep, store);
  size_t asked = 0, distinct = 0, cached = 0, width = 0;
  nlohmann::json kinds = nlohmann::json::array();
  for (const Work& work : all) {
    asked += work.asked, distinct += work.keys.size(), cached += work.cached.size();
    width = std::max(width, work.kind.size());
    kinds.push_back({{"kind", work.kind},
                     {"asked", work.asked},
                     {"distinct", work.keys.size()},
                     {"cached", work.cached.size()}});
  }
  const auto points = static_cast<size_t>(sweep.runs.back().point + 1);
  if (json) {
    print_json({{"sweep", sweep.name},
                {"experiment", result.experiment},
                {"points", points},
                {"runs", sweep.runs.size()},
                {"asked", asked},
                {"distinct", distinct},
                {"cached", cached},
                {"kinds", std::move(kinds)}});
    return;
  }
  std::printf(
      "sweep %s   %zu points of %s, %zu runs; %zu nodes asked for, %zu after sharing, %zu "
      "of them cached in %s\n",
      sweep.name.c_str(), points, result.experiment.c_str(), sweep.runs.size(), asked, distinct,
      cached, store.c_str());
  for (const Work& work : all) {
    std::printf("  %-*s  x%-5zu  asked x%-5zu  cached x%zu\n", static_cast<int>(width),
                work.kind.c_str(), work.keys.size(), work.asked, work.cached.size());
  }
}

int explain(const ExplainArguments& arguments) {
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  source::SourceMap sources;
  diagnostics::Sink sink;
  const plan::CompileResult result = compile(sources, arguments.file, *options, sink);
  const std::string root = store_folder(arguments.store);
  if (result.sweep) {
    explain_sweep(result, root, arguments.json);
    return arguments.json ? kOk : report(sink, sources, false);
  }
  if (!result.plan) return report(sink, sources, arguments.json);

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
               "which experiment or sweep of the file (default: the only experiment)");
  add_store_option(command, arguments->store);
  command.does([arguments] { return explain(*arguments); });
}

}  // namespace rexp::driver
