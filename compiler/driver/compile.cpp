#include "compiler/driver/compile.h"

#include "compiler/driver/paths.h"

namespace rexp::driver {

Result<plan::CompileOptions> compile_options(const CompileArguments& arguments) {
  plan::CompileOptions options;
  options.stdlib_dir = stdlib_folder();
  options.catalog = plan::SourceCatalog::standard(cache_folder());
  if (Status status = options.catalog.add_site(arguments.file); !status.ok()) return status.error();
  options.experiment = arguments.experiment;
  options.overrides = arguments.overrides;
  return options;
}

Result<std::shared_ptr<const text::Tokenizer>> Voices::tokenizer(const plan::Node& model) {
  const bool random = model.args.value("kind", "") == "random";
  const std::string path =
      random ? model.site.value("tokenizer", "") : model.site.value("folder", "");
  auto& slot = tokenizers_[path];
  if (!slot) {
    auto loaded = random ? text::Tokenizer::from_tiktoken(path, text::qwen3_added_tokens())
                         : text::Tokenizer::from_folder(path);
    if (!loaded) return loaded.error();
    slot = std::make_shared<const text::Tokenizer>(std::move(*loaded));
  }
  return slot;
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
  auto loaded = tokenizer(*at);
  if (!loaded) return loaded.error();
  const auto chat = at->args.value("chat", nlohmann::json::object());
  const auto think =
      chat.value("think", "none") == "empty" ? text::Think::empty : text::Think::none;
  auto format = text::chat_format(chat.value("format", "qwen3"), think, **loaded);
  if (!format) return format.error();
  return jit::Voice{*loaded, *format};
}

jit::PlanOptions Voices::options() {
  jit::PlanOptions options;
  options.voice = [this](const plan::Plan& plan, plan::NodeId node, const plan::Kernel&) {
    return of(plan, node);
  };
  return options;
}

}  // namespace rexp::driver
