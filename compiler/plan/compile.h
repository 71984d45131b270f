// From a file to a plan: the whole front half of the compiler in one call.
//
//   source::SourceMap sources; diagnostics::Sink sink;
//   CompileOptions options{.stdlib_dir = "stdlib", .catalog = SourceCatalog::standard(cache), .overrides = {"tune.length=100 steps"}};
//   CompileResult result = compile(sources, "quickstart.rexp", options, sink);
//   if (result.plan) for (const Node& node : result.plan->nodes) …
//
// With `check_only` nothing is planned and no data needs to be there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/plan/catalog.h"
#include "compiler/plan/plan.h"
#include "compiler/source/source_map.h"

namespace rexp::plan {

struct CompileOptions {
  std::string stdlib_dir;
  SourceCatalog catalog;
  std::string experiment;  // or sweep; empty: the only experiment, else the one named like the file
  std::vector<std::string> overrides;  // "path=expression", weakest first
  uint64_t package_seed = 1;
  bool check_only = false;
};

/// A parameter of the experiment as it was run: what a run record keeps.
struct Parameter {
  std::string name, value;
};

struct CompileResult {
  bool ok = false;                       // no error was reported
  std::vector<std::string> experiments;  // of the main file, in file order
  std::vector<std::string> sweeps;
  std::vector<std::string> templates;  // of all the user's modules
  std::string experiment;              // the one that was planned
  std::vector<Parameter> parameters;
  std::optional<Plan> plan;
};

/// Checks a program and plans one of its experiments. Every problem goes to `sink`, at the user's line.
CompileResult compile(source::SourceMap& sources, const std::string& file,
                      const CompileOptions& options, diagnostics::Sink& sink);

/// What `rexp render` runs: the nodes that make one template's rows, and its renderer.
struct RenderTarget {
  Plan plan;  // load, rows, vectors and codebook nodes; no report
  std::string task;
  NodeId rows = -1;  // in plan.nodes
  std::vector<NodeId>
      inputs;  // `input` of the renderer's columns and its `codebooks` count in this list
  row::RowFunction function;  // not woven into a chat format yet
};

/// The renderer of a template as a task applies it, narrowed to one variant (empty: as trained). nullopt after a diagnostic.
std::optional<RenderTarget> render_target(source::SourceMap& sources, const std::string& file,
                                          const std::string& template_name,
                                          const std::string& variant, const CompileOptions& options,
                                          diagnostics::Sink& sink);

}  // namespace rexp::plan
