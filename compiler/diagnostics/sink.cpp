#include <algorithm>
#include <iterator>
#include <numeric>
#include <tuple>
#include <utility>

#include "compiler/diagnostics/diagnostics.h"
#include "runtime/base/json.h"

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

/// Where each one that is no repetition stands, sorted by place. Only places in the list are moved: there may be many.
std::vector<size_t> settled(const std::vector<Diagnostic>& items) {
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto key = [&](size_t i) {
    const source::Span& span = items[i].primary.span;
    return std::tie(span.file, span.begin, span.end);
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return key(a) < key(b); });
  const auto same = [&](size_t a, size_t b) {
    return key(a) == key(b) && items[a].kind == items[b].kind &&
           items[a].message == items[b].message;
  };
  order.erase(std::unique(order.begin(), order.end(), same), order.end());
  return order;
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

std::vector<Diagnostic> Sink::take_behind(size_t added) {
  const auto first = items_.begin() + static_cast<std::ptrdiff_t>(added);
  std::vector<Diagnostic> out(std::make_move_iterator(first),
                              std::make_move_iterator(items_.end()));
  items_.erase(first, items_.end());
  return out;
}

std::vector<Diagnostic> Sink::take(size_t limit) {
  std::vector<Diagnostic> items = std::exchange(items_, {}), taken;
  for (const size_t i : settled(items)) {
    if (taken.size() == limit) break;
    taken.push_back(std::move(items[i]));
  }
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
