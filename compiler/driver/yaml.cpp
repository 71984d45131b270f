#include "compiler/driver/yaml.h"

#include <algorithm>
#include <cctype>

namespace rexp::driver {

namespace {

using nlohmann::ordered_json;

bool plain_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_' || c == '.' || c == '/' || c == ' ' ||
         c == '(' || c == ')';
}

/// Whether a text may stand without quotes: it begins with a letter and is no word of YAML.
bool plain(const std::string& text) {
  static const std::string kWords[] = {"true", "false", "null", "yes", "no", "on", "off"};
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80 && std::isalpha(first) == 0) return false;
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords) &&
         std::all_of(text.begin(), text.end(), plain_character);
}

std::string scalar(const ordered_json& value) {
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    if (plain(text)) return text;
  }
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

bool nested(const ordered_json& value) { return value.is_structured() && !value.empty(); }

void write(const ordered_json& value, int indent, std::string* out) {
  const std::string margin(static_cast<size_t>(indent), ' ');
  if (value.is_object()) {
    for (const auto& [name, entry] : value.items()) {
      *out += margin + (plain(name) ? name : ordered_json(name).dump()) + ":";
      if (nested(entry)) {
        *out += "\n";
        write(entry, indent + 2, out);
      } else {
        *out += " " + scalar(entry) + "\n";
      }
    }
    return;
  }
  for (const ordered_json& element : value) {
    if (!nested(element)) {
      *out += margin + "- " + scalar(element) + "\n";
      continue;
    }
    std::string inner;
    write(element, indent + 2, &inner);
    *out += margin + "- " + inner.substr(static_cast<size_t>(indent) + 2);
  }
}

}  // namespace

std::string to_yaml(const ordered_json& value) {
  if (!nested(value)) return scalar(value) + "\n";
  std::string out;
  write(value, 0, &out);
  return out;
}

}  // namespace rexp::driver
