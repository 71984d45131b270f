#include "runtime/nodes/together.h"

#include <chrono>
#include <cstdlib>
#include <span>
#include <string>
#include <thread>

namespace rexp::nodes {
namespace {

/// Sums of so many processes' numbers are exact: 40 bits of a key.
double number_of(const RexpNode& node) {
  return static_cast<double>(std::strtoull(std::string(node.key, 10).c_str(), nullptr, 16));
}

/// Process 0's decision, and that all are at the same node.
Result<bool> agree(group::ProcessGroup& group, const RexpNode& node, bool cached) {
  const double own = number_of(node);
  double values[] = {group.leads() && cached ? 1.0 : 0.0, own};
  REXP_TRY(group.sum(values));
  if (values[1] != own * group.size()) {
    return user_error("the processes run different plans",
                      "start all of them with the same files, arguments and data");
  }
  return values[0] > 0;
}

}  // namespace

Status lead(RexpRun& run, const RexpNode& node, bool cached) {
  if (run.group == nullptr) return {};
  const Result<bool> agreed = agree(*run.group, node, cached);
  return agreed.ok() ? Status() : agreed.error();
}

Result<bool> hear(RexpRun& run, const RexpNode& node) { return agree(*run.group, node, false); }

Status made(RexpRun& run) {
  if (run.group == nullptr) return {};
  double nothing[] = {0};
  return run.group->sum(nothing);
}

Status see(RexpRun& run, const RexpNode& node) {
  constexpr int kLooks = 100;
  for (int i = 0; i < kLooks; ++i) {
    if (run.store->has(node.key)) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return user_error("the artifact that process 0 made is not in " + run.store->root(),
                    "--store must name one folder that all machines share");
}

}  // namespace rexp::nodes
