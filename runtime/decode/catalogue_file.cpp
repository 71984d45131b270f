#include "runtime/decode/catalogue_file.h"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "runtime/base/json.h"
#include "runtime/codebook/codebook.h"
#include "runtime/decode/catalogue.h"
#include "runtime/store/file.h"

namespace rexp::decode {
namespace {

using nlohmann::json;

constexpr const char* kLineForm = "a line is {\"item\": 17, \"tokens\": [151673, 151739]}";

Status read_lines(std::istream& in, CatalogueFile* file) {
  std::string text;
  for (int line = 1; std::getline(in, text); ++line) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto parsed = parse_json(text, file->path, line);
    if (!parsed) return parsed.error();
    const json& entry = *parsed;
    if (!entry.is_object())
      return file_error(file->path, line, "the line is no JSON object", kLineForm);
    if (!entry.contains("item") ||
        !(entry["item"].is_number_integer() || entry["item"].is_string()))
      return file_error(file->path, line, "the line has no `item` that is an integer or a text",
                        kLineForm);
    auto tokens = whole_numbers(entry.value("tokens", json()), 0, INT32_MAX);
    if (!tokens)
      return file_error(file->path, line, "the line has no `tokens` that is a list of token ids",
                        kLineForm);
    file->tokens.push_back(std::move(*tokens));
    file->names.push_back(entry["item"]);
    file->lines.push_back(line);
  }
  return {};
}

/// Numbers in the order of their value, other names behind them in the order of their bytes.
bool name_less(const std::string& a, const std::string& b) {
  const auto number = [](const std::string& s) {
    return !s.empty() && s.size() < 18 &&
           std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (number(a) != number(b)) return number(a);
  if (number(a) && std::stoll(a) != std::stoll(b)) return std::stoll(a) < std::stoll(b);
  return a < b;
}

std::optional<int32_t> one_token(const text::Tokenizer& tokenizer, const std::string& text) {
  if (const std::optional<int32_t> id = tokenizer.added(text)) return id;
  std::vector<int32_t> ids;
  tokenizer.encode(text, text::Specials::allow, &ids);
  return ids.size() == 1 ? std::optional<int32_t>(ids[0]) : std::nullopt;
}

Status read_index(const json& index, const text::Tokenizer* tokenizer, CatalogueFile* file) {
  if (!tokenizer)
    return file_error(file->path, 0,
                      "the catalogue has texts for tokens, and no tokenizer is at hand",
                      "put tokenizer.json into the model's folder, or write token ids");
  std::vector<std::string> names;
  for (const auto& [name, codes] : index.items()) names.push_back(name);
  std::sort(names.begin(), names.end(), name_less);
  for (const std::string& name : names) {
    file->names.push_back(name);
    file->lines.push_back(0);
    std::vector<int32_t>& tokens = file->tokens.emplace_back();
    const json& codes = index[name];
    if (!codes.is_array())
      return item_error(*file, file->names.size() - 1, "its value is no list of texts");
    for (const json& code : codes) {
      const std::optional<int32_t> id =
          code.is_string() ? one_token(*tokenizer, code.get<std::string>()) : std::nullopt;
      if (!id)
        return item_error(*file, file->names.size() - 1,
                          code.dump() + " is no token of the tokenizer");
      tokens.push_back(*id);
    }
  }
  return {};
}

/// A codebook.json, by the texts of its tokens.
Status read_codebook(const text::Tokenizer* tokenizer, CatalogueFile* file) {
  const auto book = codebook::load_codebook(file->path);
  if (!book) return book.error();
  if (book->items.empty())
    return file_error(file->path, 0, "the codebook does not say which items its ids are of",
                      "make it again with this version, or use an index.json");
  file->codebook = book->lineage();
  const auto index = parse_json(codebook::index_text(*book), file->path);
  if (!index) return index.error();
  return read_index(*index, tokenizer, file);
}

Status check(const CatalogueFile& file) {
  if (file.tokens.empty()) return file_error(file.path, 0, "the catalogue has no item", kLineForm);
  std::set<json> names;
  const size_t depth = file.tokens[0].size();
  for (size_t i = 0; i < file.tokens.size(); ++i) {
    if (file.tokens[i].size() != depth || depth < 1 || depth > kMaxDepth)
      return item_error(file, i,
                        "the item has " + std::to_string(file.tokens[i].size()) +
                            " tokens, the first one has " + std::to_string(depth) +
                            "; all need the same number from 1 to 8");
    if (!names.insert(file.names[i]).second) return item_error(file, i, "the item is there twice");
  }
  return {};
}

}  // namespace

Error item_error(const CatalogueFile& file, size_t item, std::string message, std::string help) {
  if (file.lines[item] == 0) message = "item " + file.names[item].dump() + ": " + message;
  return file_error(file.path, file.lines[item], std::move(message), std::move(help));
}

Result<CatalogueFile> read_catalogue_file(const std::string& path,
                                          const text::Tokenizer* tokenizer) {
  const Result<std::string> bytes = store::read_file(path);
  if (!bytes.ok()) return bytes.error();
  CatalogueFile file;
  file.path = path;
  // an index is one object; JSON Lines are several values, which is no JSON
  const auto whole = parse_json(*bytes, path);
  const bool index =
      whole && whole->is_object() && !whole->contains("item") && !whole->contains("tokens");
  std::istringstream lines(*bytes);
  if (index && whole->contains("codes") && whole->contains("level_sizes")) {
    REXP_TRY(read_codebook(tokenizer, &file));
    REXP_TRY(check(file));
    return file;
  }
  REXP_TRY(index ? read_index(*whole, tokenizer, &file) : read_lines(lines, &file));
  REXP_TRY(check(file));
  return file;
}

}  // namespace rexp::decode
