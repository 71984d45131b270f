#include "compiler/check/context.h"

namespace rexp::check {

NamesPtr bind_name(NamesPtr outer, Names entry) {
  entry.outer = std::move(outer);
  return std::make_shared<const Names>(std::move(entry));
}

NamesPtr bind_name(NamesPtr outer, const std::string& name, TypeId type, const Reads& reads) {
  Names entry;
  entry.name = name;
  entry.type = type;
  entry.reads = reads;
  return bind_name(std::move(outer), std::move(entry));
}

const Names* find(const NamesPtr& names, const std::string& name, bool* outside) {
  bool crossed = false;
  for (const Names* at = names.get(); at != nullptr; at = at->outer.get()) {
    crossed = crossed || at->rows;
    if (at->name.empty() || at->name != name) continue;
    if (outside != nullptr) *outside = crossed;
    return at;
  }
  return nullptr;
}

diagnostics::Diagnostic& report(Checker& c, Kind kind, Span span, std::string message) {
  // A lambda is looked at once per call; its lines are reported once.
  const auto key = std::make_pair(static_cast<int>(kind), std::make_pair(span.file, span.begin));
  if (!c.reported.insert(key).second) {
    c.ignored = {kind, {}, {}, {}, {}};
    return c.ignored;
  }
  return c.program.sink.add(kind, span, std::move(message));
}

void not_yet(Checker& c, const std::string& what, Span span, const std::string& help) {
  report(c, Kind::not_available_yet, span,
         "`" + what + "` is part of the language but not available yet in this version")
      .help = help;
}

Span span_of(const Checker& c, const Scope& scope, ast::ExprId id) {
  return id.valid() ? c.tree(scope.module)[id].span : Span{};
}

bool is_lambda(const Checker& c, const Scope& scope, ast::ExprId id) {
  return id.valid() && std::holds_alternative<ast::Lambda>(c.tree(scope.module)[id].node);
}

const Names* local_of(const Checker& c, const Scope& scope, ast::ExprId id) {
  const auto* ref = std::get_if<ast::NameRef>(&c.tree(scope.module)[id].node);
  return ref != nullptr ? find(scope.names, ref->name.text) : nullptr;
}

std::string source_text(const Checker& c, Span span) {
  return span.file < 0 ? std::string() : std::string(c.program.sources.text(span));
}

std::string described(Checker& c, TypeId type) {
  const TypeKind kind = c.types().kind(type);
  if (kind == TypeKind::none) return "missing value (`none`)";
  if (kind == TypeKind::integer || kind == TypeKind::real) return "plain number";
  const std::string unit = describe_unit(kind);
  if (!unit.empty()) return unit.substr(2);  // without its "a "
  if (kind == TypeKind::schema_value) return "schema `" + c.types().name(type) + "`";
  return "`" + c.types().name(type) + "`";
}

std::string a_described(Checker& c, TypeId type) {
  const std::string what = described(c, type);
  return what[0] == '`' ? with_article(c.types().name(type)) : "a " + what;
}

std::string shown(Checker& c, TypeId type, Span span) {
  const std::string source = source_text(c, span);
  if (!source.empty() && source.size() <= 40 && source.find('\n') == std::string::npos)
    return "`" + source + "`";
  return a_described(c, type);
}

namespace {

/// "a number of epochs or a number of steps", and how one is written.
std::pair<std::string, std::string> units_of(Checker& c, TypeId wanted) {
  std::string units, example;
  for (TypeId part : c.types().alternatives(wanted)) {
    const std::string one = describe_unit(c.types().kind(part));
    if (one.empty()) continue;
    units += (units.empty() ? "" : " or ") + one;
    if (example.empty()) example = unit_example(c.types().kind(part));
  }
  return {units, example};
}

}  // namespace

void wrong_type(Checker& c, TypeId found, TypeId wanted, const std::string& what, Span span) {
  const TypeKind want = c.types().kind(wanted), have = c.types().kind(found);
  const auto [units, example] = units_of(c, wanted);
  if (!units.empty() && is_amount(have)) {
    auto& error = report(c, Kind::wrong_unit, span,
                         what + " is " + units + ", found " + shown(c, found, span));
    const bool plain_found = have == TypeKind::integer || have == TypeKind::real;
    if (want == TypeKind::union_ || plain_found) error.help = "write it like `" + example + "`";
    return;
  }
  const std::string unit = describe_unit(want);
  const std::string required = unit.empty() ? with_article(c.types().name(wanted)) : unit;
  if (have == TypeKind::function && want == TypeKind::record &&
      c.types()[found].arguments.back() == wanted) {
    report(c, Kind::wrong_type, span,
           what + " is " + required + ", found " + shown(c, found, span) +
               ", which still needs an argument")
        .help = "give it one: `" + source_text(c, span) + "@10`";
    return;
  }
  std::string message = what + " is " + required + ", found " + shown(c, found, span);
  if (source_text(c, span).size() <= 40 && describe_unit(have).empty())
    message += ", " + with_article(c.types().name(found));
  report(c, Kind::wrong_type, span, message);
}

}  // namespace rexp::check
