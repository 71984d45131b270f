// load: files to dataset.bin.
#include "runtime/abi/bind.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/abi/versions.h"
#include "runtime/data/load.h"

namespace rexp::abi {

namespace {

Result<data::Dataset> keep_some(NodeContext& context, const data::Dataset& dataset,
                                const RexpKernel& kernel) {
  // the predicate reads the dataset that this very node makes, so its columns come from there and not from an input
  BoundKernel bound;
  SinkBuffer sink;
  int32_t status = REXP_OK;
  auto kept = data::keep_users(dataset, [&](int64_t begin, int64_t end) {
    const int64_t slots[] = {begin, end};
    sink.clear();
    status = status == REXP_OK ? kernel.fn(&bound.context, slots, 0, sink.get()) : status;
    return sink.value() != 0;
  });
  if (status != REXP_OK)
    return internal_error("`keep` of " + std::string(context.node().name) + " failed");
  return kept;
}

Status load(NodeContext& context) {
  auto options = data::parse_load_options(context.args(), context.site());
  if (!options) return options.error();
  auto loaded = data::read_dataset(*options);
  if (!loaded) return loaded.error();
  data::Dataset dataset = std::move(loaded->dataset);
  for (const auto& text : loaded->notes) context.note(text);
  if (const RexpKernel* keep = context.kernel("keep")) {
    auto kept = keep_some(context, dataset, *keep);
    if (!kept) return kept.error();
    context.note(std::to_string(kept->user_count()) + " of " +
                 std::to_string(dataset.user_count()) + " users kept");
    dataset = std::move(*kept);
  }
  REXP_TRY(data::check_leave_one_out(dataset));
  context.note(std::to_string(dataset.user_count()) + " users, " +
               std::to_string(dataset.item_count()) + " items, " +
               std::to_string(dataset.events.rows) + " events");
  return data::save(dataset, context.out("dataset.bin"));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_load(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_load, rexp::abi::load);
}
