// Finds the files that a draft names: their contents' hashes go into the arguments, their paths into `site`.
// Missing files are R0701 at the user's line, with the path and what to run.
#pragma once

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/plan/catalog.h"
#include "compiler/plan/draft.h"
#include "compiler/source/source_map.h"

namespace rexp::plan {

/// False after a diagnostic.
bool locate(Draft* draft, const SourceCatalog& catalog, const source::SourceMap& sources,
            diagnostics::Sink& sink);
/// The places alone, for who reads a tokenizer and no weights: nothing is hashed.
bool locate_place(Draft* draft, const SourceCatalog& catalog, const source::SourceMap& sources,
                  diagnostics::Sink& sink);

}  // namespace rexp::plan
