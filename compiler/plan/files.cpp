// Which files a component names. A convention of the library: its fields or parameters `files` (paths by role) and `path` (one of them).
#include "compiler/plan/lower.h"

namespace rexp::plan {

void locate_files(Lowering& l, Draft& draft, const Record& component, const std::string& argument,
                  Span fallback) {
  Program& program = l.program();
  Location& at = draft.location;
  at.component = argument;
  at.span = fallback;
  const Value* files = contracts::find_field(program, component, "files");
  const Value* path = contracts::find_field(program, component, "path");
  if (const auto* by_role = files == nullptr ? nullptr : files->shared<eval::Fields>()) {
    for (const auto& [role, entry] : by_role->entries) {
      if (const auto* text = entry.as<std::string>()) at.files[role] = *text;
    }
    at.span = written_at(program, component, "files", fallback);
  } else if (const auto* text = path == nullptr ? nullptr : path->as<std::string>()) {
    at.path = *text;
    at.span = written_at(program, component, "path", fallback);
  }
  if (!at.files.empty()) at.kind = Location::Kind::files;
  if (!at.path.empty()) at.kind = Location::Kind::file;
}

void locate_file(Draft& draft, const Made& made) {
  const Value* path = contracts::find_argument(made, "path");
  const auto* text = path == nullptr ? nullptr : path->as<std::string>();
  if (text == nullptr) return;
  draft.location.kind = Location::Kind::file;
  draft.location.path = *text;
  draft.location.span = made.span;
}

}  // namespace rexp::plan
