// rows: what a task or a protocol reads.
#include "runtime/abi/bind.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/abi/versions.h"
#include "runtime/data/rows.h"

namespace rexp::abi {

namespace {

Result<data::Rows> where(NodeContext& context, const data::Rows& rows, const RexpKernel& kernel) {
  auto bound = bind(context, kernel, nullptr, {});
  if (!bound) return bound.error();
  auto columns = slot_columns(**bound, rows);
  if (!columns) return columns.error();
  SinkBuffer sink;
  std::vector<int64_t> slots(columns->size());
  int32_t status = REXP_OK;
  auto kept = data::filter_rows(rows, [&](const int64_t* row) {
    for (size_t i = 0; i < slots.size(); ++i) slots[i] = row[(*columns)[i]];
    sink.clear();
    if (status == REXP_OK) status = (*bound)->fn(&(*bound)->context, slots.data(), 0, sink.get());
    return sink.value() != 0;
  });
  if (status != REXP_OK)
    return internal_error("`where` of " + std::string(context.node().name) + " failed");
  return kept;
}

Status build(NodeContext& context) {
  auto spec = data::parse_rows_spec(context.args());
  if (!spec) return spec.error();
  auto dataset = context.dataset(0);
  if (!dataset) return dataset.error();
  data::Rows rows = data::build_rows(**dataset, *spec);
  if (const RexpKernel* kernel = context.kernel("where")) {
    const int64_t before = rows.count;
    auto kept = where(context, rows, *kernel);
    if (!kept) return kept.error();
    rows = std::move(*kept);
    context.note(std::to_string(rows.count) + " of " + std::to_string(before) + " rows kept");
    if (rows.count == 0) {
      return user_error(
          "no row of `" + std::string(context.node().name) + "` is left after its `where`",
          "loosen the condition");
    }
  } else {
    context.note(std::to_string(rows.count) + " rows");
  }
  return data::save(rows, context.out("rows.bin"));
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_rows(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_rows, rexp::abi::build);
}
