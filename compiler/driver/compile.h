// From a file to a plan: the whole front half of the compiler in one call.
//
//   source::SourceMap sources; diagnostics::Sink sink;
//   plan::CompileOptions options{.stdlib_dir = "stdlib", .catalog = plan::SourceCatalog::standard(cache), .overrides = {"tune.length=100 steps"}};
//   plan::CompileResult result = compile(sources, "quickstart.rexp", options, sink);
//   if (result.plan) for (const plan::Node& node : result.plan->nodes) …
//
// With `check_only` nothing is planned and no data needs to be there.
#pragma once

#include <string>

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/plan/options.h"
#include "compiler/source/source_map.h"

namespace rexp::driver {

/// Checks a program and plans one of its experiments. Every problem goes to `sink`, at the user's line.
plan::CompileResult compile(source::SourceMap& sources, const std::string& file,
                            const plan::CompileOptions& options, diagnostics::Sink& sink);

}  // namespace rexp::driver
