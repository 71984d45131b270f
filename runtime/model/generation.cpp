#include "runtime/model/generation.h"

#include "runtime/base/json.h"
#include "runtime/text/chat_format.h"

namespace rexp::model {

using nlohmann::json;

Ends ends_of(const Vocabulary& vocabulary, const text::Tokenizer& tokenizer) {
  const auto row = [&](const char* token) {
    const auto id = tokenizer.added(token);
    return id ? vocabulary.row(*id) : -1;
  };
  return {row("<|im_end|>"), row("<|endoftext|>")};
}

void end_with(const Ends& ends, Config* config) {
  if (ends.turn >= 0) {
    config->eos = {ends.turn};
  } else if (ends.text >= 0) {
    config->eos = {ends.text};
  }
  if (config->bos < 0) config->bos = ends.text;
}

json generation_json(const Config& config, const Ends& ends) {
  json out = {{"_from_model_config", true}};
  if (config.bos >= 0) out["bos_token_id"] = config.bos;
  std::vector<int64_t> eos = config.eos;
  if (ends.turn >= 0 && ends.text >= 0) eos = {ends.turn, ends.text};
  if (eos.size() == 1) out["eos_token_id"] = eos.front();
  if (eos.size() > 1) out["eos_token_id"] = eos;
  if (ends.text >= 0) out["pad_token_id"] = ends.text;
  return out;
}

Status save_tokenizer(const text::Tokenizer& tokenizer, const std::string& folder,
                      ModelArtifact* model) {
  const auto think = model->chat_think == "empty" ? text::Think::empty : text::Think::none;
  const auto chat = text::chat_format(model->chat_format, think,
                                      tokenizer);  // none: a tokenizer without turn marks
  REXP_TRY(
      tokenizer.save_pruned(folder, model->vocabulary.row_ids(), chat.ok() ? &*chat : nullptr));
  const auto written = text::Tokenizer::from_folder(folder);
  if (!written) return written.error();
  model->folder_hash = written->hash();
  if (model->tokenizer_kind == "folder") model->tokenizer_hash = model->folder_hash;
  return {};
}

}  // namespace rexp::model
