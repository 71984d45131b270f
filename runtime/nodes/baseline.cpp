// baseline: counts of train events.
#include "runtime/baseline/baseline.h"
#include "runtime/nodes/run.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

Status fit(NodeContext& context) {
  auto dataset = context.dataset(context.find({"load"}));
  if (!dataset) return dataset.error();
  auto baseline = baseline::fit(context.args(), **dataset);
  if (!baseline) return baseline.error();
  return baseline::save(*baseline, context.out("baseline.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_baseline(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_baseline, rexp::nodes::fit);
}
