// What learners and kinds of vectors are given (codebook/learn.h), out of a node's inputs and kernels.
#pragma once

#include "runtime/codebook/learn.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

/// Refers to `context`, which must outlive it.
Result<codebook::LearnInput> learn_input(NodeContext& context);

}  // namespace rexp::nodes
