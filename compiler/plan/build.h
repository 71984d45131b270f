// From the evaluator's graph to a plan: what the roots need, with keys, equal nodes once, in topological order.
#pragma once

#include "compiler/eval/elaborator.h"
#include "compiler/plan/catalog.h"
#include "compiler/plan/plan.h"

namespace rexp::plan {

struct Built {
  Plan plan;
  std::vector<NodeId> place;  // of each graph node in plan.nodes; -1 where the roots do not need it
};

/// nullopt after a diagnostic (a file that is not there).
std::optional<Built> build_plan(const elaborate::Graph& graph,
                                const elaborate::Elaborator& elaborator,
                                const std::vector<elaborate::NodeId>& roots,
                                const SourceCatalog& catalog, const source::SourceMap& sources,
                                diagnostics::Sink& sink);

/// Points the columns and codebooks of a row function, which name datasets and codebooks of the evaluator, at positions in `inputs`.
row::RowFunction link(row::RowFunction function, const elaborate::Elaborator& elaborator,
                      const std::vector<elaborate::NodeId>& inputs);

/// 32 hex digits over kind, version, arguments, kernels, input keys and stream. Names, notes and `site` do not count.
std::string node_key(const Node& node, const std::vector<std::string>& input_keys);

}  // namespace rexp::plan
