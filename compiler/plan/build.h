// From drafts to a plan: what the roots need, with its files found, keys, equal nodes once, in topological order.
#pragma once

#include <optional>
#include <vector>

#include "compiler/diagnostics/diagnostics.h"

#include "compiler/plan/catalog.h"
#include "compiler/plan/draft.h"
#include "compiler/plan/plan.h"

namespace rexp::plan {

struct Built {
  Plan plan;
  std::vector<NodeId> place;  // of each draft in plan.nodes; -1 where the roots do not need it
};

/// nullopt after a diagnostic (a file that is not there).
std::optional<Built> build_plan(const std::vector<Draft>& drafts, const std::vector<DraftId>& roots,
                                const SourceCatalog& catalog, const source::SourceMap& sources,
                                diagnostics::Sink& sink);

}  // namespace rexp::plan
