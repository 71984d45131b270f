#include "compiler/driver/voices.h"

#include <filesystem>

#include "compiler/driver/paths.h"
#include "runtime/text/model_facts.h"

namespace rexp::driver {

std::string folder_of(const nlohmann::json& site) {
  if (!site.is_object() || !site.contains("files")) return {};
  return site["files"].value("path", "");
}

Result<Voices::Shared> Voices::ranks(const std::string& path) {
  auto& slot = tokenizers_[path];
  if (!slot) {
    auto loaded = text::Tokenizer::from_tiktoken(path, text::qwen3_added_tokens());
    if (!loaded) return loaded.error();
    slot = std::make_shared<const text::Tokenizer>(std::move(*loaded));
  }
  return slot;
}

Result<Voices::Shared> Voices::of_folder(const std::string& folder) {
  auto& slot = tokenizers_[folder];
  if (!slot) {
    auto loaded = text::folder_tokenizer(folder);
    if (!loaded) return loaded.error();
    slot = std::make_shared<const text::Tokenizer>(std::move(*loaded));
  }
  return slot;
}

Result<Voices::Shared> Voices::tokenizer(const nlohmann::json& site,
                                         const text::ModelFacts* facts) {
  const std::string folder = folder_of(site), path = site.value("tokenizer", qwen_ranks_path());
  if (folder.empty()) return ranks(path);
  const bool exported = std::filesystem::exists(folder + "/tokenizer.json");
  if (facts == nullptr || facts->tokenizer_kind != "qwen" || exported) {
    auto own = of_folder(folder);
    if (!own || facts == nullptr || facts->tokenizer_kind != "qwen") return own;
  }
  auto known = ranks(path);
  if (!known) return known.error();
  REXP_TRY(text::check_tokenizer(*facts, **known, "the model in " + folder));
  return known;
}

Result<jit::Voice> Voices::of_model(const nlohmann::json& args, const nlohmann::json& site) {
  const nlohmann::json known = args.is_object() ? args : nlohmann::json::object(),
                       places = site.is_object() ? site : nlohmann::json::object();
  const std::string folder = folder_of(places), chat = known.value("chat", "qwen3");
  const bool stub = known.contains("think") && !known["think"].is_null();
  std::optional<text::ModelFacts> facts;
  if (!folder.empty()) {
    auto read = text::read_model_facts(folder);
    if (!read) return read.error();
    facts = std::move(*read);
  }
  if (facts)
    REXP_TRY(text::check_voice(*facts, chat, stub ? "empty" : "none", "the model in " + folder));
  auto loaded = tokenizer(places, facts ? &*facts : nullptr);
  if (!loaded) return loaded.error();
  auto format = text::chat_format(chat, stub ? text::Think::empty : text::Think::none, **loaded);
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
