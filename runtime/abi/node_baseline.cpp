// baseline: counts of train events.
#include "runtime/abi/run.h"
#include "runtime/abi/versions.h"
#include "runtime/baseline/baseline.h"

namespace rexp::abi {

namespace {

Status fit(NodeContext& context) {
  auto options = baseline::parse_options(context.args());
  if (!options) return options.error();
  auto dataset = context.dataset(0);
  if (!dataset) return dataset.error();
  return baseline::save(baseline::fit(*options, **dataset), context.out("baseline.bin"));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_baseline(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_baseline, rexp::abi::fit);
}
