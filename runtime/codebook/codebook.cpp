#include "runtime/codebook/codebook.h"

#include <numeric>

#include "runtime/base/assert.h"
#include "runtime/base/json.h"
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

/// nullopt, or an exception of the JSON library, where the object is no codebook.
std::optional<Codebook> from_json(const Json& json) {
  Codebook book;
  book.name = json.at("name").get<std::string>();
  book.extra_level = json.at("extra_level").get<bool>();
  book.surface = json.at("surface").get<std::string>();
  book.level_surfaces = json.at("level_surfaces").get<std::vector<std::string>>();
  book.items = json.at("items").get<std::vector<std::string>>();
  book.extends = json.at("extends").get<std::vector<std::string>>();
  book.open = optional_text(json, "open");
  book.close = optional_text(json, "close");
  auto sizes = whole_numbers(json.at("level_sizes"), 1, kMostCodes);
  if (!sizes) return std::nullopt;
  book.level_sizes = std::move(*sizes);
  for (const Json& item : json.at("codes")) {
    auto codes = whole_numbers(item, 0, kMostCodes);
    if (!codes) return std::nullopt;
    book.codes.push_back(std::move(*codes));
  }
  return book;
}

/// What is wrong with the codes; empty when nothing is.
std::string fault(const Codebook& book) {
  if (std::string sizes = fault_of_sizes(book.level_sizes); !sizes.empty()) return sizes;
  std::vector<std::string> surfaces = book.level_surfaces;
  if (surfaces.size() < book.level_sizes.size()) surfaces.push_back(book.surface);
  for (const std::string& surface : surfaces) {
    if (surface.find("{}") == std::string::npos)
      return "the surface `" + surface + "` has no {} for the code";
  }
  if (surfaces.size() > book.level_sizes.size()) return "there are more surfaces than levels";
  if (!book.items.empty() && book.items.size() != book.codes.size())
    return "there are " + std::to_string(book.items.size()) + " items and " +
           std::to_string(book.codes.size()) + " ids";
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

std::string fault_of_sizes(const std::vector<int32_t>& level_sizes) {
  int64_t codes = 0;
  for (const int32_t size : level_sizes) codes += size;
  if (level_sizes.empty()) return "a codebook has at least one level";
  if (codes <= kMostCodes) return {};
  return "the levels have " + std::to_string(codes) + " codes, a codebook has at most " +
         std::to_string(kMostCodes);
}

int32_t Codebook::level_offset(int level) const {
  REXP_ASSERT(level >= 0 && level <= depth(), "the level exists");
  return std::accumulate(level_sizes.begin(), level_sizes.begin() + level, int32_t{0});
}

int32_t Codebook::flat_count() const { return level_offset(depth()); }

std::vector<std::string> Codebook::tokens() const {
  std::vector<std::string> tokens;
  const auto print = [&](const std::string& pattern, int32_t code) {
    const size_t hole = pattern.find("{}");
    REXP_ASSERT(hole != std::string::npos, "a surface has a {} for the code");
    tokens.push_back(pattern.substr(0, hole) + std::to_string(code) + pattern.substr(hole + 2));
  };
  for (size_t level = 0; level < level_sizes.size(); ++level) {
    const bool own = level < level_surfaces.size();
    const int32_t first = own ? 0 : level_offset(static_cast<int>(level));
    for (int32_t code = 0; code < level_sizes[level]; ++code)
      print(own ? level_surfaces[level] : surface, first + code);
  }
  if (open) tokens.push_back(*open);
  if (close) tokens.push_back(*close);
  return tokens;
}

std::vector<bool> Codebook::used() const {
  std::vector<bool> used(static_cast<size_t>(flat_count()), false);
  for (int level = 0; level < depth(); ++level) {
    const int32_t offset = level_offset(level);
    for (const std::vector<int32_t>& item : codes)
      used[static_cast<size_t>(offset + item[static_cast<size_t>(level)])] = true;
  }
  used.resize(used.size() + (open ? 1 : 0) + (close ? 1 : 0), true);
  return used;
}

TokenIds consecutive_ids(const Codebook& codebook, int32_t first_id) {
  TokenIds ids(codebook.tokens().size());
  std::iota(ids.begin(), ids.end(), first_id);
  return ids;
}

std::string index_text(const Codebook& codebook) {
  const std::vector<std::string> tokens = codebook.tokens();
  Json index = Json::object();
  auto& entries = index.get_ref<Json::object_t&>();  // items are distinct: no search before each
  for (size_t item = 0; item < codebook.items.size(); ++item) {
    Json texts = Json::array();
    for (int level = 0; level < codebook.depth(); ++level) {
      const int32_t code = codebook.codes[item][static_cast<size_t>(level)];
      texts.push_back(tokens[static_cast<size_t>(codebook.level_offset(level) + code)]);
    }
    entries.emplace_back(codebook.items[item], std::move(texts));
  }
  return index.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Codebook::hash() const {
  store::Digester digester;
  digester.add_text("rexp codebook 1");
  digester.add_int(depth());
  for (int32_t size : level_sizes) digester.add_int(size);
  digester.add_int(extra_level);
  digester.add_text(surface);
  for (const std::string& own : level_surfaces) digester.add_text(own);
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
                     {"level_surfaces", book.level_surfaces},
                     {"open", optional_text(book.open)},
                     {"close", optional_text(book.close)},
                     {"items", book.items},
                     {"extends", book.extends},
                     {"codes", book.codes}};
  return store::write_file(path, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<Codebook> load_codebook(const std::string& path) {
  Result<std::string> text = store::read_file(path);
  if (!text.ok()) return text.error();
  const auto json = parse_ordered_json(*text, path);
  if (!json) return json.error();
  const auto damaged = [&](const std::string& what) {
    return file_error(path, 0, what, "remove the folder of this artifact and run again");
  };
  try {
    std::optional<Codebook> book = from_json(*json);
    if (!book) return damaged("this is not a codebook");
    if (const std::string wrong = fault(*book); !wrong.empty()) return damaged(wrong);
    if (json->at("hash").get<std::string>() != book->hash())
      return damaged("the codes do not have the hash that the file states");
    return std::move(*book);
  } catch (const Json::exception&) {
    return damaged("this is not a codebook");
  }
}

}  // namespace rexp::codebook
