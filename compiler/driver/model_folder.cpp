#include "compiler/driver/model_folder.h"

#include "runtime/store/file.h"

namespace rexp::driver {

ModelFolder read_model_folder(const std::string& folder) {
  ModelFolder out;
  const auto text = store::read_file(folder + "/rexp.json");
  if (!text) return out;
  const auto parsed = parse_json(*text, folder + "/rexp.json");
  if (!parsed || !parsed->is_object()) return out;
  const nlohmann::json& facts = *parsed;
  const auto tokenizer = facts.value("tokenizer", nlohmann::json::object());
  out.qwen_tokenizer = tokenizer.value("kind", "") == "qwen";
  for (const auto& owned : facts.value("codebooks", nlohmann::json::array())) {
    out.codebooks.push_back(
        {owned.value("hash", ""), owned.value("first_id", 0), owned.value("count", 0)});
  }
  return out;
}

std::string folder_of(const nlohmann::json& site) {
  if (!site.is_object() || !site.contains("files")) return {};
  return site["files"].value("path", "");
}

}  // namespace rexp::driver
