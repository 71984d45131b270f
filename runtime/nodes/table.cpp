// table: rows of one's own, such as notes on films: columns, and rows that name them (`other`), so that a task or a join can read it.
#include "runtime/data/load.h"
#include "runtime/nodes/run.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

Status read(NodeContext& context) {
  auto options = data::parse_load_options(context.args(), context.site());
  if (!options) return options.error();
  std::vector<std::string> notes;
  auto table = data::read_table(*options, context.args().at("key").get<std::string>(), &notes);
  if (!table) return table.error();
  for (auto& note : notes) context.note(std::move(note));
  context.note(std::to_string(table->rows) + " rows");
  REXP_TRY(data::save(*table, context.out("table.bin")));
  data::Rows rows;
  rows.columns = {"other"};
  for (int64_t row = 0; row < table->rows; ++row) rows.add(&row, 1);
  return data::save(rows, context.out("rows.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_table(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_table, rexp::nodes::read);
}
