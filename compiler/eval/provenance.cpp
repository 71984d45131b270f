// Where a value came from: `rexp why main.rexp tune.optimizer.lr`.
#include <algorithm>
#include <functional>
#include <set>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

/// Every record inside a value, outer ones first.
class Records {
 public:
  explicit Records(std::function<bool(const Value&)> wanted) : wanted_(std::move(wanted)) {}

  std::optional<Value> find(const Value& value) {
    if (wanted_(value)) return value;
    if (const auto* list = value.shared<List>()) return among(list->elements);
    if (const auto* record = value.shared<Record>()) {
      if (!seen_.insert(record).second) return std::nullopt;
      for (const RecordField& field : record->fields) {
        if (field.value == nullptr) continue;
        if (auto found = find(*field.value)) return found;
      }
    }
    if (const auto* made = value.shared<Made>()) {
      if (!seen_.insert(made).second) return std::nullopt;
      for (const auto& [name, argument] : made->arguments) {
        if (auto found = find(argument)) return found;
      }
    }
    return std::nullopt;
  }

  std::optional<Value> among(const std::vector<Value>& values) {
    for (const Value& value : values) {
      if (auto found = find(value)) return found;
    }
    return std::nullopt;
  }

 private:
  std::function<bool(const Value&)> wanted_;
  std::set<const void*> seen_;
};

/// What the experiment makes of a declaration: of a stage with parameters, the stage that is applied.
std::optional<Value> used_value(Evaluator& e, const ExperimentValue* experiment, Symbol symbol) {
  const Maybe declared = evaluate_declaration(e, symbol);
  if (!declared) return std::nullopt;
  const auto* callable = declared->as<Callable>();
  if (callable == nullptr || !(callable->symbol == symbol) || experiment == nullptr)
    return declared;
  Records records([&](const Value& value) {
    const auto* record = value.shared<Record>();
    return record != nullptr && record->symbol == symbol;
  });
  for (const auto& [name, value] : experiment->outputs) {
    if (auto found = records.find(value)) return found;
  }
  return records.among(experiment->locals);
}

/// The links of a whole declaration or parameter: where it stands, and what was put in its place.
std::vector<Origin> links_of_whole(const Evaluator& e, const ast::Path& path, size_t words,
                                   Span declared, Origin::Kind kind) {
  std::vector<Origin> links = {{kind, declared}};
  for (size_t i = 0; i < e.settings.assignments.size(); ++i) {
    const Assigned& assignment = e.settings.assignments[i];
    const bool same =
        assignment.path.size() == words &&
        std::equal(assignment.path.begin(), assignment.path.end(), path.begin(),
                   [](const ast::Name& a, const ast::Name& b) { return a.text == b.text; });
    if (!same) continue;
    const Scope scope{assignment.module, nullptr, nullptr};
    links.push_back({i < e.settings.axes ? Origin::Kind::axis : Origin::Kind::set,
                     span_of(e, scope, assignment.value)});
  }
  return links;
}

/// One step into a value.
bool step(Evaluator& e, const ast::Name& name, Provenance* at) {
  if (const auto* mixture = at->value.shared<Mixture>()) {
    for (const MixtureEntry& entry : mixture->entries) {
      if (entry.name != name.text) continue;
      Amount weight{entry.share ? check::TypeKind::ratio : check::TypeKind::copies, entry.weight};
      at->links = entry.origins;
      at->value = Value{weight};
      return true;
    }
    return false;
  }
  const auto* record = at->value.shared<Record>();
  if (record == nullptr) return false;
  const auto& fields = e.program.schema(e.program.types[record->type].index).fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != name.text) continue;
    const RecordField found = record->fields[i];
    at->links = found.origins;
    const bool defaulted = !at->links.empty() && at->links.front().kind == Origin::Kind::fallback;
    if (fields[i].initial && !defaulted) {
      const Scope scope{fields[i].module, nullptr, nullptr};
      at->links.insert(at->links.begin(),
                       {Origin::Kind::fallback, span_of(e, scope, *fields[i].initial)});
    }
    at->value = *found.value;
    return true;
  }
  return false;
}

}  // namespace

std::optional<Provenance> provenance_of(Evaluator& e, const ExperimentValue* experiment,
                                        const ast::Path& path) {
  Provenance out;
  size_t words = 1;
  const ast::BlockDecl* block = nullptr;
  if (experiment != nullptr) {
    if (const auto symbol = e.program.lookup(e.program.main(), experiment->name))
      block = std::get_if<ast::BlockDecl>(&e.program.decl(*symbol).node);
  }
  bool found = false;
  for (size_t i = 0; block != nullptr && i < block->parameters.size(); ++i) {
    const ast::Parameter& p = block->parameters[i];
    if (p.name.text != path[0].text) continue;
    out.value = experiment->parameters[i].second;
    out.links = links_of_whole(e, path, words, p.name.span, Origin::Kind::fallback);
    found = true;
  }
  if (!found) {
    auto symbol = e.program.lookup(e.program.main(), path[0].text);
    const auto& aliases = e.program.module(e.program.main()).aliases;
    if (const auto alias = aliases.find(path[0].text); !symbol && alias != aliases.end()) {
      words = 2;
      symbol = e.program.exported(alias->second, path[1].text);
    }
    if (!symbol) return std::nullopt;
    auto value = used_value(e, experiment, *symbol);
    if (!value) return std::nullopt;
    out.value = std::move(*value);
    out.links = links_of_whole(e, path, words, e.program.decl(*symbol).name.span,
                               Origin::Kind::declaration);
  }
  for (size_t i = words; i < path.size(); ++i) {
    if (!step(e, path[i], &out)) return std::nullopt;
  }
  return out;
}

}  // namespace rexp::eval
