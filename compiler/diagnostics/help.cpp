#include "compiler/diagnostics/help.h"

#include <algorithm>

namespace rexp::diagnostics {

namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of('\n'), text.size());
  return text.substr(begin, text.find_last_not_of('\n') + 1 - begin);
}

/// What stands between `open` and `close` for the first time; empty when either is missing.
std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const size_t begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  const size_t end = text.find(close, begin + open.size());
  if (end == std::string_view::npos) return {};
  return text.substr(begin + open.size(), end - begin - open.size());
}

std::string program(std::string_view text, std::string_view heading) {
  const size_t at = text.find(heading);
  return at == std::string_view::npos
             ? std::string()
             : std::string(between(text.substr(at), "```rexp\n", "\n```")) + "\n";
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

Explanation explanation_of(Kind kind) {
  const std::string_view text = help_text(code_of(kind));
  const std::string_view head = text.substr(0, text.find("\n## "));
  Explanation out{kind, std::string(between(head, ": ", "\n")), "", "", "", ""};
  out.unchecked = between(head, "<!-- unchecked: ", " -->");
  const std::string_view body = head.substr(std::min(head.find('\n'), head.size()));
  out.text = trimmed(body.substr(0, body.find("<!--")));
  out.wrong = program(text, "\n## Wrong\n");
  out.right = program(text, "\n## Right\n");
  return out;
}

std::vector<Kind> all_kinds() {
  return {
#define REXP_DIAGNOSTIC(name, level, code) Kind::name,
#include "compiler/diagnostics/kinds.def"
  };
}

std::optional<Kind> find_kind(const std::string& code_or_name) {
  for (const Kind kind : all_kinds()) {
    if (same_word(code_or_name, code_of(kind)) || same_word(code_or_name, name_of(kind)))
      return kind;
  }
  return std::nullopt;
}

}  // namespace rexp::diagnostics
