// What users read when something is wrong.
//
//   error[R0102]: unknown field `lenght` in stage `sft`; did you mean `length`
//     --> main.rexp:12:3
//      |
//   12 |   lenght = 3 epochs
//      |   ^^^^^^
//
// Form: one sentence (lower case, no full stop, what was seen before what is required), one primary
// label `^`, at most two secondary labels `-`, and a help line if there is a real one. Codes and
// default texts live in kinds.def, one line each; a test fails when a kind has no test that
// produces it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "compiler/source/source_map.h"

namespace rexp::diagnostics {

enum class Level : uint8_t { error, warning };

enum class Kind : uint16_t {
#define REXP_DIAGNOSTIC(name, level, code) name,
#include "compiler/diagnostics/kinds.def"
};

struct Label {
  source::Span span;
  std::string text;  // may be empty
};

struct Diagnostic {
  Kind kind;
  std::string message;
  Label primary;
  std::vector<Label> secondary;
  std::string help;
};

/// Collects diagnostics; sorted by place, freed of repetitions and cut to `limit` when taken.
class Sink {
 public:
  /// Returns the stored diagnostic so that labels and help can be added:
  /// sink.add(Kind::unknown_field, span, "...").help = "...";
  Diagnostic& add(Kind kind, source::Span span, std::string message);
  void add(Diagnostic diagnostic);
  bool has_errors() const;
  /// How many were added so far, and those added behind that many, taken out again: for what is only tried.
  size_t added() const { return items_.size(); }
  std::vector<Diagnostic> take_behind(size_t added);
  /// How many take() would give without a limit.
  size_t size() const;
  std::vector<Diagnostic> take(size_t limit = 20);

 private:
  std::vector<Diagnostic> items_;
};

Level level_of(Kind kind);
const char* code_of(Kind kind);  // "R0102"
const char* name_of(Kind kind);  // "unknown_field"

/// The frame above, coloured when `colour`.
std::string render(const Diagnostic& diagnostic, const source::SourceMap& sources, bool colour);
nlohmann::json to_json(const Diagnostic& diagnostic, const source::SourceMap& sources);

/// The candidate nearest to `word` by edit distance (insert, delete, replace, swap neighbours; in
/// code points; the first in alphabetical order of equals), or empty when none is near enough to be
/// a typo: one edit, and one more per four letters.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace rexp::diagnostics
