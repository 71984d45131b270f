#include "compiler/driver/compile.h"

#include <algorithm>
#include <filesystem>

#include "compiler/driver/model_folder.h"
#include "compiler/driver/paths.h"

namespace rexp::driver {

namespace {

/// A folder is no program; its programs are named instead.
Error folder_error(const std::string& folder) {
  std::string found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".rexp") found = std::max(found, entry.path().string());
  }
  return user_error(
      "`" + folder + "` is a folder, a .rexp file is required",
      found.empty() ? "there is no .rexp file in it" : "name a file, such as " + found);
}

}  // namespace

Result<plan::CompileOptions> compile_options(const CompileArguments& arguments) {
  if (std::filesystem::is_directory(arguments.file)) return folder_error(arguments.file);
  plan::CompileOptions options;
  options.stdlib_dir = stdlib_folder();
  options.catalog = plan::SourceCatalog::standard(cache_folder());
  if (Status status = options.catalog.add_site(arguments.file); !status.ok()) return status.error();
  options.experiment = arguments.experiment;
  options.overrides = arguments.overrides;
  return options;
}

Result<std::shared_ptr<const text::Tokenizer>> Voices::tokenizer(const nlohmann::json& site) {
  const std::string folder = folder_of(site);
  const bool ranks = folder.empty() || read_model_folder(folder).qwen_tokenizer;
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
