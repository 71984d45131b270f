// What a protocol measures.
#pragma once

#include <vector>

#include "runtime/eval/metrics.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

Result<std::vector<eval::Metric>> read_metrics(NodeContext& context);

}  // namespace rexp::nodes
