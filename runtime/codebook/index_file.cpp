#include "runtime/codebook/index_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "runtime/base/json.h"
#include "runtime/store/file.h"

namespace rexp::codebook {
namespace {

using Json = nlohmann::json;

struct Spelled {
  int32_t code = 0;
  std::string surface;  // "<a_{}>"; empty for a plain number
};

/// 12 of 12, "12", "<a_12>", "<s_a_12>"; nullopt where there is none, or it is beyond any codebook.
std::optional<Spelled> parse_code(const Json& json) {
  if (const auto number = whole_number(json, 0, kMostCodes - 1))
    return Spelled{static_cast<int32_t>(*number), {}};
  if (!json.is_string()) return std::nullopt;
  const std::string& text = json.get_ref<const std::string&>();
  const size_t last = text.find_last_of("0123456789");
  if (last == std::string::npos) return std::nullopt;
  const size_t before = text.find_last_not_of("0123456789", last);
  const size_t first = before == std::string::npos ? 0 : before + 1;
  Spelled out;
  const auto [end, error] = std::from_chars(text.data() + first, text.data() + last + 1, out.code);
  if (error != std::errc() || end != text.data() + last + 1 || out.code >= kMostCodes)
    return std::nullopt;
  // a code with zeros in front could not be written again
  const std::string surface = text.substr(0, first) + "{}" + text.substr(last + 1);
  if (surface != "{}" && std::to_string(out.code).size() == last + 1 - first) out.surface = surface;
  return out;
}

/// How each level is spelt, as far as all items agree.
class Surfaces {
 public:
  void add(size_t level, const std::string& surface) {
    if (known_.size() == level) known_.push_back(surface);
    agree_ = agree_ && level < known_.size() && known_[level] == surface;
  }
  /// Nothing where tokens could not be written again: plain numbers, levels that are not told apart.
  std::vector<std::string> take() && {
    const std::set<std::string> distinct(known_.begin(), known_.end());
    const bool fine = agree_ && !distinct.contains("") && distinct.size() == known_.size();
    return fine ? std::move(known_) : std::vector<std::string>();
  }

 private:
  std::vector<std::string> known_;
  bool agree_ = true;
};

std::optional<std::string> shifted(std::string_view id, int64_t shift) {
  if (shift == 0) return std::string(id);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  int64_t moved = 0;
  if (__builtin_sub_overflow(number, shift, &moved)) return std::nullopt;
  return std::to_string(moved);
}

Result<std::vector<int32_t>> read_codes(const std::string& path, const std::string& id,
                                        const Json& list, const char* form, Surfaces* surfaces) {
  if (!list.is_array() || list.empty())
    return file_error(path, 0, "item `" + id + "` has no list of codes", form);
  std::vector<int32_t> codes;
  for (const Json& element : list) {
    const std::optional<Spelled> code = parse_code(element);
    if (!code) {
      return file_error(path, 0,
                        "item `" + id + "` has the code " + element.dump() +
                            ", which is or ends in no number from 0 to " +
                            std::to_string(kMostCodes - 1),
                        form);
    }
    surfaces->add(codes.size(), code->surface);
    codes.push_back(code->code);
  }
  return codes;
}

}  // namespace

Result<IndexFile> read_index_file(const std::string& path) {
  Result<std::string> text = store::read_file(path);
  if (!text.ok()) return text.error();
  const auto json = parse_json(*text, path);
  if (!json) return json.error();
  const char* form =
      R"(an index is a JSON object of item id to codes, {"0": ["<a_183>", "<b_70>"], ..})";
  if (!json->is_object() || json->empty())
    return file_error(path, 0, "this is not an index of semantic ids", form);
  IndexFile index;
  Surfaces surfaces;
  index.file = path;
  index.level_sizes.resize(json->begin()->size());
  for (const auto& [id, list] : json->items()) {
    Result<std::vector<int32_t>> codes = read_codes(path, id, list, form, &surfaces);
    if (!codes.ok()) return codes.error();
    if (codes->size() != index.level_sizes.size()) {
      return file_error(path, 0,
                        "item `" + id + "` has " + std::to_string(codes->size()) +
                            " codes, the first item has " +
                            std::to_string(index.level_sizes.size()),
                        "every item needs a code for every level");
    }
    for (size_t level = 0; level < codes->size(); ++level)
      index.level_sizes[level] = std::max(index.level_sizes[level], (*codes)[level] + 1);
    index.codes.emplace(id, std::move(*codes));
  }
  index.level_surfaces = std::move(surfaces).take();
  if (const std::string wrong = fault_of_sizes(index.level_sizes); !wrong.empty())
    return file_error(path, 0, wrong, "number the codes of every level from 0");
  return index;
}

Result<Codebook> from_index_file(const IndexFile& index, const data::Dataset& dataset,
                                 int64_t shift) {
  Codebook book;
  book.level_sizes = index.level_sizes;
  book.level_surfaces = index.level_surfaces;
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
