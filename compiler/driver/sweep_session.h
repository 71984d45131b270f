// Running a sweep: every run is a process of its own (`rexp run FILE SWEEP --only N`), so that one that fails, or is killed for its
// memory, stops no other. What runs have in common is computed once: they find it in the store, and a run whose next node another
// process is making waits for its turn. The same holds for several sweeps on one store, which so share their runs.
#pragma once

#include "compiler/driver/arguments.h"
#include "compiler/plan/options.h"

namespace rexp::driver {

/// Runs what is not in the store yet, `arguments.jobs` at a time, and shows all points beside each other. The exit code: of the first
/// run that failed.
int run_sweep(const ExecutionArguments& arguments, const plan::CompileResult& compiled);

}  // namespace rexp::driver
