// model: a base model, random or from a folder.
#include "runtime/abi/run.h"
#include "runtime/abi/versions.h"
#include "runtime/model/artifact.h"

namespace rexp::abi {

namespace {

/// Rows of a fresh model whose vocabulary grows: the 256 byte tokens, so that any text can be spelt, and the tokens of the chat format.
std::vector<int32_t> first_rows(const text::Tokenizer& tokenizer) {
  std::vector<int32_t> ids;
  for (int32_t id = 0; id < tokenizer.size() && ids.size() < 256; ++id) {
    if (tokenizer.bytes(id).size() == 1) ids.push_back(id);
  }
  for (const char* token : {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"}) {
    if (const auto id = tokenizer.added(token)) ids.push_back(*id);
  }
  return ids;
}

Result<model::ModelArtifact> random_model(NodeContext& context) {
  const auto& args = context.args();
  auto tokenizer = context.tokenizer("qwen", "");
  if (!tokenizer) return tokenizer.error();
  model::ModelArtifact model;
  const bool grows = args.value("vocabulary", "grows") == "grows";
  nlohmann::json config = args.at("config");
  std::vector<int32_t> ids = first_rows(**tokenizer);
  config["vocab_size"] =
      grows ? static_cast<int64_t>(ids.size()) : static_cast<int64_t>((*tokenizer)->size());
  auto parsed = model::parse_config(config, std::string(context.node().name) + ".config");
  if (!parsed) return parsed.error();
  model.config = *parsed;
  model.weights = model::random_weights(model.config, context.node().stream);
  model.vocabulary = grows ? model::Vocabulary::grows(std::move(ids))
                           : model::Vocabulary::full(model.config.vocab);
  model.tokenizer_kind = "qwen";
  model.tokenizer_hash = (*tokenizer)->hash();
  return model;
}

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

Status make(NodeContext& context) {
  const auto& args = context.args();
  const bool random = args.at("kind") == "random";
  auto model = random ? random_model(context) : model::load_model(context.site().at("folder"));
  if (!model) return model.error();
  std::shared_ptr<const text::Tokenizer> own;
  if (!random) {
    auto tokenizer = folder_tokenizer(context, context.site().at("folder"), &*model);
    if (!tokenizer) return tokenizer.error();
    own = *tokenizer;
  }
  if (args.contains("chat")) {
    model->chat_format = args["chat"].value("format", "qwen3");
    model->chat_think = args["chat"].value("think", "none");
  }
  context.note(std::to_string(model::parameter_count(model->config)) + " parameters");
  return model::save_model(*model, context.out(""), own.get());
}

}  // namespace
}  // namespace rexp::abi

int32_t rexp_rt_model(RexpRun* run, const RexpNode* node) {
  return rexp::abi::run_node(run, node, rexp::abi::kVersion_model, rexp::abi::make);
}
