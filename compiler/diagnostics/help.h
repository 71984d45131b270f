// What `rexp help R0312` says: help/R0312.md, compiled into the program.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostics.h"

namespace rexp::diagnostics {

struct Explanation {
  Kind kind;
  std::string meaning;       // one line
  std::string text;          // paragraphs
  std::string wrong, right;  // programs
  std::string unchecked;     // why `rexp check` of one file cannot show it; usually empty
};

/// The whole file of a code; empty when there is none.
std::string_view help_text(std::string_view code);

Explanation explanation_of(Kind kind);
std::vector<Kind> all_kinds();
/// By code or name, in any case.
std::optional<Kind> find_kind(const std::string& code_or_name);

}  // namespace rexp::diagnostics
