// FolderModel {path}: a model folder in Hugging Face's layout, or one that a stage left.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/nodes/model_maker.h"
#include "runtime/nodes/voice.h"

namespace rexp::nodes {

namespace {

/// As the user declares it; a folder that we wrote says how it was trained.
Status check_declared(NodeContext& context, const model::ModelArtifact& model,
                      const std::string& folder) {
  std::string chat = "qwen3", think = "none";
  Fields fields(context.args(), "the model");
  fields.text("chat", &chat);
  fields.text("think", &think);
  REXP_TRY(fields.status());
  return text::check_voice(model, chat, think, "the model in " + folder);
}

/// A plain Hugging Face folder brings its own tokenizer; its ids are the rows of its matrix.
Result<MadeModel> take_plain(NodeContext& context, const std::string& folder,
                             model::ModelArtifact model) {
  auto tokenizer = context.tokenizer("folder", folder);
  if (!tokenizer) return tokenizer.error();
  model.tokenizer_kind = "folder";
  model.tokenizer_hash = (*tokenizer)->hash();
  return MadeModel{std::move(model), *tokenizer, folder};
}

Result<MadeModel> make(NodeContext& context) {
  const auto folder = context.site().at("files").at("path").get<std::string>();
  auto model = model::load_model(folder);
  if (!model) return model.error();
  if (model->tokenizer_hash.empty()) return take_plain(context, folder, std::move(*model));
  REXP_TRY(check_declared(context, *model, folder));
  auto tokenizer = tokenizer_of(context, *model, folder);
  if (!tokenizer) return tokenizer.error();
  auto full = text::full_tokenizer(**tokenizer, *model);
  if (!full) return full.error();
  return MadeModel{std::move(*model), std::make_shared<const text::Tokenizer>(std::move(*full)),
                   folder};
}

REXP_REGISTER(ModelMaker, FolderModel, make)

}  // namespace
}  // namespace rexp::nodes
