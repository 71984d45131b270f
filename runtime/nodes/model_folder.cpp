// FolderModel {path}: a model folder in Hugging Face's layout, or one that a stage left.
#include "runtime/base/registry.h"
#include "runtime/nodes/model_maker.h"

namespace rexp::nodes {

namespace {

/// The tokenizer of a model that is a plain Hugging Face folder or brings its own; null when it is the Qwen ranks.
Result<std::shared_ptr<const text::Tokenizer>> folder_tokenizer(NodeContext& context,
                                                                const std::string& folder,
                                                                model::ModelArtifact* model) {
  const bool plain = model->tokenizer_hash.empty();
  if (!plain && model->tokenizer_kind == "qwen") return std::shared_ptr<const text::Tokenizer>();
  auto tokenizer = context.tokenizer("folder", folder);
  if (!tokenizer) return tokenizer.error();
  const std::string hash = (*tokenizer)->hash();
  if (!plain && model->tokenizer_hash != hash) {
    return file_error(folder + "/tokenizer.json", 0,
                      "the model was made with tokenizer " + model->tokenizer_hash +
                          ", but its folder holds " + hash,
                      "put the tokenizer back that belongs to the model");
  }
  model->tokenizer_kind = "folder";
  model->tokenizer_hash = hash;
  return tokenizer;
}

Result<MadeModel> make(NodeContext& context) {
  const auto folder = context.site().at("files").at("path").get<std::string>();
  auto model = model::load_model(folder);
  if (!model) return model.error();
  auto tokenizer = folder_tokenizer(context, folder, &*model);
  if (!tokenizer) return tokenizer.error();
  return MadeModel{std::move(*model), *tokenizer};
}

REXP_REGISTER(ModelMaker, FolderModel, make)

}  // namespace
}  // namespace rexp::nodes
