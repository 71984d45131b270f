// Finds the files that a graph's nodes name: their contents' hashes go into the arguments, their paths into `site`.
// Missing files are R0701 at the user's line, with the path and what to run.
#pragma once

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/eval/graph.h"
#include "compiler/plan/catalog.h"
#include "compiler/source/source_map.h"

namespace rexp::plan {

/// False after a diagnostic.
bool locate(elaborate::Node* node, const SourceCatalog& catalog, const source::SourceMap& sources,
            diagnostics::Sink& sink);

}  // namespace rexp::plan
