// What the processes that run a plan together say to each other around a node. The store has one owner, process 0.
//
//   process 0:  looks, locks ──lead(cached?)──> runs the body ──> commits ──made()──>
//   others:     ──────────────>hear()─────────> wait, or run the body ──────>made()──> see()
//
// Alone, `lead` and `made` do nothing.
#pragma once

#include "runtime/base/result.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

/// Tells the others whether the node's artifact is there.
Status lead(RexpRun& run, const RexpNode& node, bool cached);
/// Waits until process 0 says it. User error: the processes run different plans.
Result<bool> hear(RexpRun& run, const RexpNode& node);
/// Waits until the artifact is committed.
Status made(RexpRun& run);
/// Waits for the file system of another machine to show it. User error: the store is not shared.
Status see(RexpRun& run, const RexpNode& node);

}  // namespace rexp::nodes
