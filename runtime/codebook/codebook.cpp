#include "runtime/codebook/codebook.h"

#include <numeric>
#include "runtime/base/json.h"

#include "runtime/base/assert.h"
#include "runtime/store/digest.h"
#include "runtime/store/file.h"

namespace rexp::codebook {
namespace {

using Json = nlohmann::ordered_json;

Json optional_text(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

std::optional<std::string> optional_text(const Json& json, const char* key) {
  const Json value = json.value(key, Json());
  return value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
}

Codebook from_json(const Json& json) {
  Codebook book;
  book.name = json.at("name").get<std::string>();
  book.level_sizes = json.at("level_sizes").get<std::vector<int32_t>>();
  book.extra_level = json.at("extra_level").get<bool>();
  book.surface = json.at("surface").get<std::string>();
  book.open = optional_text(json, "open");
  book.close = optional_text(json, "close");
  book.codes = json.at("codes").get<std::vector<std::vector<int32_t>>>();
  return book;
}

/// What is wrong with the codes; empty when nothing is.
std::string fault(const Codebook& book) {
  for (size_t item = 0; item < book.codes.size(); ++item) {
    const std::vector<int32_t>& codes = book.codes[item];
    if (codes.size() != book.level_sizes.size()) {
      return "item " + std::to_string(item) + " has " + std::to_string(codes.size()) +
             " codes, the book has " + std::to_string(book.level_sizes.size()) + " levels";
    }
    for (size_t level = 0; level < codes.size(); ++level) {
      if (codes[level] < 0 || codes[level] >= book.level_sizes[level]) {
        return "item " + std::to_string(item) + " has code " + std::to_string(codes[level]) +
               " on level " + std::to_string(level + 1) + ", which has " +
               std::to_string(book.level_sizes[level]);
      }
    }
  }
  return {};
}

}  // namespace

int32_t Codebook::level_offset(int level) const {
  REXP_ASSERT(level >= 0 && level <= depth(), "the level exists");
  return std::accumulate(level_sizes.begin(), level_sizes.begin() + level, int32_t{0});
}

int32_t Codebook::flat_count() const { return level_offset(depth()); }

std::vector<std::string> Codebook::tokens() const {
  std::vector<std::string> tokens;
  const size_t hole = surface.find("{}");
  REXP_ASSERT(hole != std::string::npos, "a surface has a {} for the flat code");
  for (int32_t flat = 0; flat < flat_count(); ++flat) {
    tokens.push_back(surface.substr(0, hole) + std::to_string(flat) + surface.substr(hole + 2));
  }
  if (open) tokens.push_back(*open);
  if (close) tokens.push_back(*close);
  return tokens;
}

std::string Codebook::hash() const {
  store::Digester digester;
  digester.add_text("rexp codebook 1");
  digester.add_int(depth());
  for (int32_t size : level_sizes) digester.add_int(size);
  digester.add_int(extra_level);
  digester.add_text(surface);
  for (const std::optional<std::string>& mark : {open, close}) {
    digester.add_int(mark.has_value());
    digester.add_text(mark.value_or(""));
  }
  digester.add_int(static_cast<int64_t>(codes.size()));
  for (const std::vector<int32_t>& item : codes) {
    for (int32_t code : item) digester.add_int(code);
  }
  return digester.hex();
}

Status save(const Codebook& book, const std::string& path) {
  const Json json = {{"name", book.name},
                     {"hash", book.hash()},
                     {"level_sizes", book.level_sizes},
                     {"extra_level", book.extra_level},
                     {"surface", book.surface},
                     {"open", optional_text(book.open)},
                     {"close", optional_text(book.close)},
                     {"codes", book.codes}};
  return store::write_file(path, json.dump() + "\n");
}

Result<Codebook> load_codebook(const std::string& path) {
  Result<std::string> text = store::read_file(path);
  if (!text.ok()) return text.error();
  const std::string help = "remove the folder of this artifact and run again";
  try {
    const Json json = Json::parse(*text);
    Codebook book = from_json(json);
    if (const std::string wrong = fault(book); !wrong.empty())
      return file_error(path, 0, wrong, help);
    if (json.at("hash").get<std::string>() != book.hash())
      return file_error(path, 0, "the codes do not have the hash that the file states", help);
    return book;
  } catch (const Json::exception&) {
    return file_error(path, 0, "this is not a codebook, or only its beginning", help);
  }
}

}  // namespace rexp::codebook
