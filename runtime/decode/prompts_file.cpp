#include "runtime/decode/prompts_file.h"

#include <sstream>

#include "runtime/base/json.h"
#include "runtime/store/file.h"

namespace rexp::decode {

Result<std::vector<std::vector<int64_t>>> read_prompts(const std::string& path, int64_t rows) {
  Result<std::string> bytes = store::read_file(path);
  if (!bytes.ok()) return bytes.error();
  std::istringstream in(*bytes);
  std::vector<std::vector<int64_t>> prompts;
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto parsed = parse_json(text, path, line);
    if (!parsed) return parsed.error();
    const nlohmann::json& entry = *parsed;
    const char* help = "a line is {\"tokens\": [1, 17, 4]}";
    if (!entry.is_object() || !entry.contains("tokens") || !entry["tokens"].is_array())
      return file_error(path, line, "the line is no object with a list `tokens`", help);
    std::vector<int64_t>& prompt = prompts.emplace_back();
    for (const nlohmann::json& token : entry["tokens"]) {
      const auto row = whole_number(token, 0, rows - 1);
      if (!row) {
        return file_error(path, line,
                          "the prompt has the token " + token.dump() +
                              ", the model has the tokens 0 to " + std::to_string(rows - 1),
                          help);
      }
      prompt.push_back(*row);
    }
    if (prompt.empty()) return file_error(path, line, "the prompt has no token", help);
  }
  return prompts;
}

}  // namespace rexp::decode
