#include "runtime/base/json.h"

#include <algorithm>

template class nlohmann::basic_json<>;
template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace rexp {

namespace {

int line_at(std::string_view text, size_t byte, int first) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
  return first + static_cast<int>(std::count(text.begin(), end, '\n'));
}

/// Where `text` goes deeper than allowed. What is no JSON may be counted wrong: the parser says so itself.
std::optional<size_t> too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestJson) return i;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return std::nullopt;
}

template <class Json>
Result<Json> parse(std::string_view text, const std::string& file, int line) {
  if (const auto deep = too_deep(text)) {
    return file_error(
        file, line_at(text, *deep, line),
        "values lie in one another more than " + std::to_string(kDeepestJson) + " levels deep",
        "the file may be damaged, or another kind of file");
  }
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& fault) {
    const auto* at = dynamic_cast<const nlohmann::json::parse_error*>(&fault);
    const size_t byte = at != nullptr ? at->byte : 0;
    return file_error(file, line_at(text, byte == 0 ? 0 : byte - 1, line),
                      "the text is not valid JSON (byte " + std::to_string(byte) + " of " +
                          std::to_string(text.size()) + ")",
                      "the file may be cut short or damaged");
  }
}

template <class Json>
std::optional<int64_t> whole(const Json& value, int64_t least, int64_t most) {
  if (!value.is_number_integer()) return std::nullopt;
  if (value.is_number_unsigned() && value.template get<uint64_t>() > INT64_MAX) return std::nullopt;
  const auto number = value.template get<int64_t>();
  return number < least || number > most ? std::nullopt : std::optional(number);
}

template <class Json>
std::optional<std::vector<int32_t>> wholes(const Json& value, int32_t least, int32_t most) {
  if (!value.is_array()) return std::nullopt;
  std::vector<int32_t> numbers;
  numbers.reserve(value.size());
  for (const Json& element : value) {
    const auto number = whole(element, least, most);
    if (!number) return std::nullopt;
    numbers.push_back(static_cast<int32_t>(*number));
  }
  return numbers;
}

}  // namespace

std::optional<int64_t> whole_number(const nlohmann::json& value, int64_t least, int64_t most) {
  return whole(value, least, most);
}
std::optional<int64_t> whole_number(const nlohmann::ordered_json& value, int64_t least,
                                    int64_t most) {
  return whole(value, least, most);
}
std::optional<std::vector<int32_t>> whole_numbers(const nlohmann::json& value, int32_t least,
                                                  int32_t most) {
  return wholes(value, least, most);
}
std::optional<std::vector<int32_t>> whole_numbers(const nlohmann::ordered_json& value,
                                                  int32_t least, int32_t most) {
  return wholes(value, least, most);
}

Result<nlohmann::json> parse_json(std::string_view text, const std::string& file, int line) {
  return parse<nlohmann::json>(text, file, line);
}

Result<nlohmann::ordered_json> parse_ordered_json(std::string_view text, const std::string& file,
                                                  int line) {
  return parse<nlohmann::ordered_json>(text, file, line);
}

Result<nlohmann::json> parse_own_json(std::string_view text) {
  auto value = parse<nlohmann::json>(text, "", 0);
  if (!value) return internal_error(value.error().message);
  return value;
}

}  // namespace rexp
