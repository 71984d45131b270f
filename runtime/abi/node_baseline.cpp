// baseline: counts of train events.
#include "runtime/abi/run.h"
#include "runtime/abi/versions.h"
#include "runtime/baseline/baseline.h"

namespace rexp::abi {

namespace {

Status fit(NodeContext& context) {
  auto dataset = context.dataset(context.find({"load"}));
  if (!dataset) return dataset.error();
  auto baseline = baseline::fit(context.args(), **dataset);
  if (!baseline) return baseline.error();
  return baseline::save(*baseline, context.out("baseline.bin"));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_baseline(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_baseline, rexp::abi::fit);
}
