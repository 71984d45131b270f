// What learners and kinds of vectors are given (codebook/learn.h), out of a node's inputs and kernels.
#pragma once

#include "runtime/abi/run.h"
#include "runtime/codebook/learn.h"

namespace rexp::abi {

/// Refers to `context`, which must outlive it.
Result<codebook::LearnInput> learn_input(NodeContext& context);

}  // namespace rexp::abi
