// RandomModel {architecture, hidden, layers, heads, kv_heads, head_dim, ffn, context, rope_theta, norm_eps, tied, vocabulary,
// tokenizer}: a model with random weights. Its names are ours, the model folder's are Hugging Face's.
#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/nodes/model_maker.h"

namespace rexp::nodes {

namespace {

enum class Growth { grows, full };
enum class Kind { qwen3, llama };

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

Result<nlohmann::json> hugging_face_config(const nlohmann::json& args) {
  Fields fields(args, "the model");
  nlohmann::json config;
  Kind kind = Kind::qwen3;
  fields.choice<Kind>("architecture", &kind, {{"qwen3", Kind::qwen3}, {"llama", Kind::llama}});
  config["model_type"] = kind == Kind::qwen3 ? "qwen3" : "llama";
  const auto size = [&](const char* ours, const char* theirs, int64_t value) {
    fields.count(ours, &value, 1, "a whole number of at least 1");
    config[theirs] = value;
  };
  size("hidden", "hidden_size", 128);
  size("layers", "num_hidden_layers", 3);
  size("heads", "num_attention_heads", 4);
  size("kv_heads", "num_key_value_heads", 2);
  size("head_dim", "head_dim", 32);
  size("ffn", "intermediate_size", 384);
  size("context", "max_position_embeddings", 4096);
  double rope_theta = 10000, norm_eps = 1e-6;
  bool tied = true;
  fields.number("rope_theta", &rope_theta, Fields::positive, "a positive number");
  fields.number("norm_eps", &norm_eps, Fields::positive, "a positive number");
  fields.flag("tied", &tied);
  REXP_TRY(fields.status());
  config["rope_theta"] = rope_theta;
  config["rms_norm_eps"] = norm_eps;
  config["tie_word_embeddings"] = tied;
  return config;
}

Result<MadeModel> make(NodeContext& context) {
  const auto& args = context.args();
  auto config = hugging_face_config(args);
  if (!config) return config.error();
  Growth growth = Growth::grows;
  std::string tokenizer_kind = "qwen";
  Fields fields(args, "the model");
  fields.choice<Growth>("vocabulary", &growth, {{"grows", Growth::grows}, {"full", Growth::full}});
  fields.text("tokenizer", &tokenizer_kind);
  REXP_TRY(fields.status());
  if (tokenizer_kind != "qwen")
    return user_error("there is no tokenizer `" + tokenizer_kind + "`",
                      "`qwen` is known; a model folder brings its own");
  auto tokenizer = context.tokenizer(tokenizer_kind, "");
  if (!tokenizer) return tokenizer.error();
  const bool grows = growth == Growth::grows;
  std::vector<int32_t> ids = first_rows(**tokenizer);
  (*config)["vocab_size"] =
      grows ? static_cast<int64_t>(ids.size()) : static_cast<int64_t>((*tokenizer)->size());
  auto parsed = model::parse_config(*config, std::string(context.node().name) + ".config");
  if (!parsed) return parsed.error();
  MadeModel made;
  made.model.config = *parsed;
  made.model.weights = model::random_weights(*parsed, context.node().stream);
  made.model.vocabulary =
      grows ? model::Vocabulary::grows(std::move(ids)) : model::Vocabulary::full(parsed->vocab);
  made.model.tokenizer_kind = tokenizer_kind;
  made.model.tokenizer_hash = (*tokenizer)->hash();
  return made;
}

REXP_REGISTER(ModelMaker, RandomModel, make)

}  // namespace
}  // namespace rexp::nodes
