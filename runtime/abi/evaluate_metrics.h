// What a protocol measures.
#pragma once

#include <vector>

#include "runtime/abi/run.h"
#include "runtime/eval/metrics.h"

namespace rexp::abi {

Result<std::vector<eval::Metric>> read_metrics(NodeContext& context);

}  // namespace rexp::abi
