// rows: what a task or a protocol reads.
#include "runtime/data/rows.h"
#include "runtime/nodes/bind.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

class Input : public data::RowsInput {
 public:
  explicit Input(NodeContext& context) : context_(context) {}

  Result<std::shared_ptr<const data::Dataset>> dataset(int64_t input) override {
    return context_.dataset(input >= 0 ? input : context_.find({"load"}));
  }
  Result<data::Rows> rows(int64_t input) override { return context_.rows(input); }
  Result<data::Table> table(int64_t input) override { return context_.table(input); }
  Result<data::RowFunction> function(int64_t kernel, const data::Rows& rows) override {
    return row_function(context_, kernel, rows.columns);
  }
  uint64_t stream() const override { return context_.node().stream; }
  void note(std::string text) override { context_.note(std::move(text)); }

 private:
  NodeContext& context_;
};

Status build(NodeContext& context) {
  Input input(context);
  auto rows = data::make_rows(context.args(), input);
  if (!rows) return rows.error();
  return data::save(*rows, context.out("rows.bin"));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_rows(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_rows, rexp::nodes::build);
}
