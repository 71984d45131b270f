#include "runtime/codebook/index_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include "runtime/base/json.h"

#include "runtime/store/file.h"

namespace rexp::codebook {
namespace {

using Json = nlohmann::json;

/// 12 of 12, "12", "<a_12>", "<s_a_12>".
std::optional<int32_t> parse_code(const Json& json) {
  if (json.is_number_integer()) return json.get<int32_t>();
  if (!json.is_string()) return std::nullopt;
  const std::string& text = json.get_ref<const std::string&>();
  const size_t last = text.find_last_of("0123456789");
  if (last == std::string::npos) return std::nullopt;
  const size_t before = text.find_last_not_of("0123456789", last);
  const char* begin = text.data() + (before == std::string::npos ? 0 : before + 1);
  int32_t code = 0;
  const auto [end, error] = std::from_chars(begin, text.data() + last + 1, code);
  if (error != std::errc() || end != text.data() + last + 1) return std::nullopt;
  return code;
}

std::optional<std::string> shifted(std::string_view id, int64_t shift) {
  if (shift == 0) return std::string(id);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  return std::to_string(number - shift);
}

}  // namespace

Result<IndexFile> read_index_file(const std::string& path) {
  Result<std::string> text = store::read_file(path);
  if (!text.ok()) return text.error();
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || json.empty()) {
    return file_error(
        path, 0, "this is not an index of semantic ids",
        R"(an index is a JSON object of item id to codes, {"0": ["<a_183>", "<b_70>"], ..})");
  }
  IndexFile index;
  index.file = path;
  index.level_sizes.resize(json.begin()->size());
  for (const auto& [id, list] : json.items()) {
    std::vector<int32_t> codes;
    for (const Json& element : list) {
      const std::optional<int32_t> code = parse_code(element);
      if (!code || *code < 0)
        return file_error(
            path, 0,
            "item `" + id + "` has the code " + element.dump() + ", which holds no number");
      codes.push_back(*code);
    }
    if (codes.size() != index.level_sizes.size()) {
      return file_error(path, 0,
                        "item `" + id + "` has " + std::to_string(codes.size()) +
                            " codes, the first item has " +
                            std::to_string(index.level_sizes.size()));
    }
    for (size_t level = 0; level < codes.size(); ++level)
      index.level_sizes[level] = std::max(index.level_sizes[level], codes[level] + 1);
    index.codes.emplace(id, std::move(codes));
  }
  return index;
}

Result<Codebook> from_index_file(const IndexFile& index, const data::Dataset& dataset,
                                 int64_t shift) {
  Codebook book;
  book.level_sizes = index.level_sizes;
  const data::Column& ids = *dataset.items.find("id");
  for (int64_t item = 0; item < dataset.item_count(); ++item) {
    const std::optional<std::string> key = shifted(ids.text(item), shift);
    const auto found = key ? index.codes.find(*key) : index.codes.end();
    if (found == index.codes.end()) {
      return file_error(index.file, 0,
                        "there is no semantic id for item `" + std::string(ids.text(item)) + "`" +
                            (key && shift != 0 ? ", looked up as `" + *key + "`" : ""),
                        "check that the index belongs to this catalogue; `shift` mends ids that "
                        "count from another first number");
    }
    book.codes.push_back(found->second);
  }
  return book;
}

}  // namespace rexp::codebook
