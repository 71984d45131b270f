// vectors: one vector per item.
#include "runtime/nodes/learn_input.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

Status learn(NodeContext& context) {
  auto in = learn_input(context);
  if (!in) return in.error();
  auto vectors = codebook::learn_vectors(context.args(), *in);
  if (!vectors) return vectors.error();
  return codebook::save(*vectors, context.out("vectors.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_vectors(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_vectors, rexp::nodes::learn);
}
