// What a node is, as 32 hex digits.
#pragma once

#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "runtime/base/json.h"

namespace rexp::plan {

/// Over kind, version, arguments, the versions of the components in them, kernels, input keys and stream. Names, notes and
/// `site` do not count.
std::string content_key(const std::string& kind, const nlohmann::json& args,
                        const std::vector<Kernel>& kernels, uint64_t stream,
                        const std::vector<std::string>& input_keys);

inline std::string node_key(const Node& node, const std::vector<std::string>& input_keys) {
  return content_key(node.kind, node.args, node.kernels, node.stream, input_keys);
}

}  // namespace rexp::plan
