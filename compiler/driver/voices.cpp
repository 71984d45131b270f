#include "compiler/driver/voices.h"

#include "compiler/driver/paths.h"
#include "runtime/text/model_facts.h"

namespace rexp::driver {

std::string folder_of(const nlohmann::json& site) {
  if (!site.is_object() || !site.contains("files")) return {};
  return site["files"].value("path", "");
}

Result<std::shared_ptr<const text::Tokenizer>> Voices::tokenizer(const nlohmann::json& site) {
  const std::string folder = folder_of(site);
  const auto facts = text::read_model_facts(folder);
  if (!facts) return facts.error();
  const bool ranks = folder.empty() || (facts->has_value() && (*facts)->tokenizer_kind == "qwen");
  const std::string path = ranks ? site.value("tokenizer", qwen_ranks_path()) : folder;
  auto& slot = tokenizers_[path];
  if (!slot) {
    auto loaded = ranks ? text::Tokenizer::from_tiktoken(path, text::qwen3_added_tokens())
                        : text::Tokenizer::from_folder(path);
    if (!loaded) return loaded.error();
    slot = std::make_shared<const text::Tokenizer>(std::move(*loaded));
  }
  return slot;
}

Result<jit::Voice> Voices::of_model(const nlohmann::json& args, const nlohmann::json& site) {
  const nlohmann::json known = args.is_object() ? args : nlohmann::json::object();
  auto loaded = tokenizer(site.is_object() ? site : nlohmann::json::object());
  if (!loaded) return loaded.error();
  const bool stub = known.contains("think") && !known["think"].is_null();
  auto format = text::chat_format(known.value("chat", "qwen3"),
                                  stub ? text::Think::empty : text::Think::none, **loaded);
  if (!format) return format.error();
  return jit::Voice{*loaded, *format};
}

Result<jit::Voice> Voices::of(const plan::Plan& plan, plan::NodeId node) {
  const plan::Node* at = &plan.nodes[node];
  while (at->kind != "model") {
    const plan::Node* parent = nullptr;
    for (const plan::NodeId input : at->inputs) {
      const std::string& kind = plan.nodes[input].kind;
      if (kind == "model" || kind == "train") parent = &plan.nodes[input];
    }
    if (parent == nullptr)
      return internal_error("no model stands behind `" + plan.nodes[node].name + "`");
    at = parent;
  }
  return of_model(at->args, at->site);
}

jit::PlanOptions Voices::options() {
  jit::PlanOptions options;
  options.voice = [this](const plan::Plan& plan, plan::NodeId node, const plan::Kernel&) {
    return of(plan, node);
  };
  return options;
}

}  // namespace rexp::driver
