#include "runtime/nodes/voice.h"

namespace rexp::nodes {

Result<std::shared_ptr<const text::Tokenizer>> tokenizer_of(NodeContext& context,
                                                            const model::ModelArtifact& model,
                                                            const std::string& folder) {
  auto tokenizer = context.tokenizer(model.tokenizer_kind, folder);
  if (!tokenizer) return tokenizer.error();
  REXP_TRY(text::check_tokenizer(model, **tokenizer, "the model"));
  return tokenizer;
}

Status check_voice(const RexpKernel& kernel, const model::ModelArtifact& model) {
  const auto binding = parse_own_json(kernel.binding);
  if (!binding) return binding.error();
  const auto chat = binding->find("chat");
  if (chat == binding->end()) return {};  // it prints no turn
  return text::check_voice(model, chat->value("format", ""), chat->value("think", ""), "the model");
}

}  // namespace rexp::nodes
