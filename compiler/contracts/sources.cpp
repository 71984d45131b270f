// Sources name the files that their layout reads, and events are tied only where they have times (R0203).
//
//   Files { format = recbole; files = { sequences: "seq.txt" } }     a `recbole` source reads `inter`, found `sequences`
#include <algorithm>

#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

struct Layout {
  std::string name;
  std::vector<std::string> roles;  // the required one first
  bool timed;
};

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all = {
#define REXP_LAYOUT(name, events, items, users, timed) {name, {events, items, users}, timed},
#include "compiler/contracts/sources.def"
  };
  return all;
}

constexpr const char* kPrefix = "prefix";  // stands for all files of a recbole source
constexpr const char* kRows = "rows";      // of a table

const Layout* layout_of(Program& program, const Record& source) {
  std::string name = program.types[source.type].name;
  const Value* format = find_field(program, source, "format");
  if (const auto* chosen = format == nullptr ? nullptr : format->as<eval::EnumValue>())
    name = program.enumeration(chosen->enumeration).values[static_cast<size_t>(chosen->index)];
  for (const Layout& layout : layouts()) {
    if (layout.name == name) return &layout;
  }
  return nullptr;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "`" : ", `") + name + "`";
  return out;
}

/// `table`: the source of rows of one's own, which reads one file.
void check_source(Subject& s, const Record& source, Span span, bool table) {
  Program& program = s.e.program;
  const Value* files = find_field(program, source, "files");
  const auto* by_role = files == nullptr ? nullptr : files->shared<eval::Fields>();
  const Layout* layout = layout_of(program, source);
  if (by_role == nullptr || layout == nullptr) return;
  std::vector<std::string> known = table ? std::vector<std::string>{kRows} : layout->roles;
  std::vector<std::string> found;
  for (const auto& [role, path] : by_role->entries) found.push_back(role);
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has(found, kPrefix) && !table) return;
  for (const std::string& role : found) {
    if (has(known, role)) continue;
    program.sink
        .add(Kind::condition_fails, span,
             "a `" + layout->name + "` source reads " + listed(known) + ", found `" + role + "`")
        .help = "every file is named by what it holds: `files = { " + known[0] + ": \"…\" }`";
    return;
  }
  if (has(found, known[0])) return;
  program.sink.add(Kind::condition_fails, span,
                   "a `" + layout->name + "` source needs a file for `" + known[0] + "`" +
                       (found.empty() ? "" : ", found only " + listed(found)));
}

/// Lines of items in their order have no times, so no two events are tied.
void check_ties(Program& program, const Record& dataset, const Record& source) {
  const Layout* layout = layout_of(program, source);
  if (layout == nullptr || layout->timed) return;
  if (choice_in(program, field(program, dataset, "ties")) == "file") return;
  auto& error = program.sink.add(
      Kind::condition_fails, field_span(program, dataset, "ties"),
      "`ties` orders events of the same time, a `" + layout->name + "` source has no times");
  point_at(program, error, field_span(program, dataset, "source"), "events in the order of lines");
  error.help = "leave `ties` out, or read a file with times: `recbole`, `jsonl`, `csv`";
}

}  // namespace

void check_sources(Subject& s) {
  Program& program = s.e.program;
  for (const Value& value : s.values) {
    if (const auto* record = value.shared<Record>();
        record != nullptr && program.is(record->type, Known::Interactions)) {
      if (const auto* source = field(program, *record, "source").shared<Record>()) {
        check_source(s, *source, field_span(program, *record, "source"), /*table=*/false);
        check_ties(program, *record, *source);
      }
    }
    const auto* made = value.shared<Made>();
    if (made == nullptr || !is_made_of(program, *made, Known::Table)) continue;
    if (const auto* source = argument(*made, "source").shared<Record>())
      check_source(s, *source, made->span, /*table=*/true);
  }
}

}  // namespace rexp::contracts
