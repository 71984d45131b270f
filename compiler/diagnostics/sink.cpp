#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "compiler/diagnostics/diagnostics.h"

namespace rexp::diagnostics {

namespace {

struct KindFacts {
  Level level;
  const char* code;
  const char* name;
};

constexpr KindFacts kKinds[] = {
#define REXP_DIAGNOSTIC(name, level, code) {Level::level, code, #name},
#include "compiler/diagnostics/kinds.def"
};

nlohmann::json to_json(const Label& label, const source::SourceMap& sources) {
  const source::Span span = label.span;
  if (span.file < 0) return {{"text", label.text}};
  const source::Place begin = sources.place(span.file, span.begin);
  const source::Place end = sources.place(span.file, span.end);
  const auto place = [](const source::Place& p) {
    return nlohmann::json{{"line", p.line},
                          {"column", p.point_column},
                          {"utf16_column", p.utf16_column},
                          {"display_column", p.display_column}};
  };
  return {{"file", sources.name(span.file)},
          {"begin", place(begin)},
          {"end", place(end)},
          {"text", label.text}};
}

/// Sorted by place, without repetitions.
std::vector<Diagnostic> settled(std::vector<Diagnostic> items) {
  const auto key = [](const Diagnostic& d) {
    return std::tie(d.primary.span.file, d.primary.span.begin, d.primary.span.end);
  };
  std::stable_sort(items.begin(), items.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  const auto same = [&](const Diagnostic& a, const Diagnostic& b) {
    return key(a) == key(b) && a.kind == b.kind && a.message == b.message;
  };
  items.erase(std::unique(items.begin(), items.end(), same), items.end());
  return items;
}

}  // namespace

Level level_of(Kind kind) { return kKinds[static_cast<size_t>(kind)].level; }
const char* code_of(Kind kind) { return kKinds[static_cast<size_t>(kind)].code; }
const char* name_of(Kind kind) { return kKinds[static_cast<size_t>(kind)].name; }

Diagnostic& Sink::add(Kind kind, source::Span span, std::string message) {
  items_.push_back(Diagnostic{kind, std::move(message), Label{span, ""}, {}, ""});
  return items_.back();
}

void Sink::add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }

bool Sink::has_errors() const {
  return std::any_of(items_.begin(), items_.end(),
                     [](const Diagnostic& d) { return level_of(d.kind) == Level::error; });
}

std::vector<Diagnostic> Sink::take(size_t limit) {
  std::vector<Diagnostic> taken = settled(std::exchange(items_, {}));
  if (taken.size() > limit) taken.erase(taken.begin() + static_cast<ptrdiff_t>(limit), taken.end());
  return taken;
}

size_t Sink::size() const { return settled(items_).size(); }

nlohmann::json to_json(const Diagnostic& diagnostic, const source::SourceMap& sources) {
  nlohmann::json secondary = nlohmann::json::array();
  for (const Label& label : diagnostic.secondary) secondary.push_back(to_json(label, sources));
  return {{"level", level_of(diagnostic.kind) == Level::error ? "error" : "warning"},
          {"code", code_of(diagnostic.kind)},
          {"kind", name_of(diagnostic.kind)},
          {"message", diagnostic.message},
          {"primary", to_json(diagnostic.primary, sources)},
          {"secondary", secondary},
          {"help", diagnostic.help}};
}

}  // namespace rexp::diagnostics
