// load: files to dataset.bin. What the program asks of the catalogue's size is looked at on every run, before anything is trained.
#include "runtime/data/load.h"
#include "runtime/base/fields.h"
#include "runtime/nodes/bind.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

/// The users for whom the kernel holds; it reads the dataset that this very node makes.
Result<data::Dataset> keep_some(NodeContext& context, const data::Dataset& dataset) {
  int64_t kernel = 0;
  Fields fields(context.args(), "load");
  fields.kernel("keep", &kernel);
  REXP_TRY(fields.status());
  auto holds = row_function(context, kernel, {"user", "events_begin", "events_end"},
                            std::make_shared<const data::Dataset>(dataset));
  if (!holds) return holds.error();
  Status status;
  const auto& user_of = dataset.events.find("user")->integers;
  auto kept = data::keep_users(dataset, [&](int64_t begin, int64_t end) {
    const int64_t row[] = {user_of[begin], begin, end};
    auto answer = (*holds)(row);
    if (!answer) status = answer.error();
    return answer.ok() && answer->value != 0;
  });
  if (!status) return status.error();
  context.note(std::to_string(kept.user_count()) + " of " + std::to_string(dataset.user_count()) +
               " users kept");
  return kept;
}

Status load(NodeContext& context) {
  if (context.args().value("split", "leave_one_out") != "leave_one_out")
    return internal_error("load: unknown split " + context.args()["split"].dump());
  auto options = data::parse_load_options(context.args(), context.site());
  if (!options) return options.error();
  auto loaded = data::read_dataset(*options);
  if (!loaded) return loaded.error();
  data::Dataset dataset = std::move(loaded->dataset);
  for (const auto& text : loaded->notes) context.note(text);
  if (!context.args().value("keep", nlohmann::json()).is_null()) {
    auto kept = keep_some(context, dataset);
    if (!kept) return kept.error();
    dataset = std::move(*kept);
  }
  REXP_TRY(data::check_leave_one_out(dataset));
  context.note(std::to_string(dataset.user_count()) + " users, " +
               std::to_string(dataset.item_count()) + " items, " +
               std::to_string(dataset.events.rows) + " events");
  return data::save(dataset, context.out("dataset.bin"));
}

/// site.demands: decoders that keep to the catalogue, and how many answers they are to give.
Status check_demands(NodeContext& context) {
  const auto& site = context.site();
  if (!site.contains("demands")) return {};
  auto dataset = context.finished_dataset();
  if (!dataset) return dataset.error();
  for (const auto& demand : site["demands"]) {
    const auto items = demand.at("items").get<int64_t>();
    if (items <= (*dataset)->item_count()) continue;
    return file_error(demand.at("file"), demand.at("line"),
                      "`decode` asks for " + std::to_string(items) +
                          " guesses, the catalogue has " +
                          std::to_string((*dataset)->item_count()) + " items",
                      "ask for as many as there are, or fewer");
  }
  return {};
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_load(RexpRun* run, const RexpNode* node) {
  const int32_t status =
      rexp::nodes::run_node(run, node, rexp::nodes::kVersion_load, rexp::nodes::load);
  return status != REXP_OK ? status
                           : rexp::nodes::look_at_node(run, node, rexp::nodes::check_demands);
}
