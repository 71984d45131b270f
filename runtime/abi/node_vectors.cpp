// vectors: one vector per item.
#include "runtime/abi/bind.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/abi/versions.h"
#include "runtime/codebook/learn.h"

namespace rexp::abi {

namespace {

Status learn(NodeContext& context) {
  auto dataset = context.dataset(0);
  if (!dataset) return dataset.error();
  std::unique_ptr<BoundKernel> bound;
  if (const RexpKernel* kernel = context.kernel("text")) {
    auto made = bind(context, *kernel, nullptr, {});
    if (!made) return made.error();
    bound = std::move(*made);
  }
  SinkBuffer sink;
  int32_t status = REXP_OK;
  const auto text = [&](int64_t item) {
    sink.clear();
    status = status == REXP_OK ? bound->fn(&bound->context, &item, 0, sink.get()) : status;
    return std::string(sink.text());
  };
  std::vector<std::string> notes;
  auto vectors = codebook::learn_vectors(
      context.args(), **dataset, bound ? text : std::function<std::string(int64_t)>(), &notes);
  if (!vectors) return vectors.error();
  if (status != REXP_OK)
    return internal_error("the item text of `" + std::string(context.node().name) + "` failed");
  for (auto& note : notes) context.note(std::move(note));
  return codebook::save(*vectors, context.out("vectors.bin"));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_vectors(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_vectors, rexp::abi::learn);
}
