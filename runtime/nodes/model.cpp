// model: a base model.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/nodes/index_files.h"
#include "runtime/nodes/model_maker.h"
#include "runtime/nodes/versions.h"

namespace rexp::nodes {

namespace {

Status make(NodeContext& context) {
  auto maker = Registry<ModelMaker>::find(context.args());
  if (!maker) return maker.error();
  auto made = (*maker)->make(context);
  if (!made) return made.error();
  made->model.chat_format = "qwen3";
  made->model.chat_think = "none";
  Fields fields(context.args(), "the model");
  fields.text("chat", &made->model.chat_format);
  fields.text("think", &made->model.chat_think);
  REXP_TRY(fields.status());
  context.note(std::to_string(model::parameter_count(made->model.config)) + " parameters");
  REXP_TRY(model::save_model(made->model, context.out(""), made->own.get()));
  return write_indexes(made->model, {}, made->folder, context.out(""));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_model(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_model, rexp::nodes::make);
}
