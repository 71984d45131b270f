// Implementation versions of the nodes, from nodes.def: kVersion_load and so on.
#pragma once

namespace rexp::nodes {

#define REXP_NODE(kind, version) inline constexpr int kVersion_##kind = version;
#include "runtime/abi/nodes.def"
#undef REXP_NODE

}  // namespace rexp::nodes
