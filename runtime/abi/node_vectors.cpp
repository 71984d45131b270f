// vectors: one vector per item.
#include "runtime/abi/learn_input.h"
#include "runtime/abi/versions.h"

namespace rexp::abi {

namespace {

Status learn(NodeContext& context) {
  auto in = learn_input(context);
  if (!in) return in.error();
  auto vectors = codebook::learn_vectors(context.args(), *in);
  if (!vectors) return vectors.error();
  return codebook::save(*vectors, context.out("vectors.bin"));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_vectors(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_vectors, rexp::abi::learn);
}
