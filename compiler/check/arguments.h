// Which argument belongs to which parameter: the one place that knows, for functions, templates, members and blocks alike.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ast/ast.h"

namespace rexp::check {

/// For every parameter the index of its argument; -1: none was given. `leading` parameters are filled already (the left side of
/// `|>`, the numbers of `hit@10`).
struct Binding {
  std::vector<int32_t> argument;
  /// The first thing that does not fit: an argument that is too much, unknown or given twice.
  enum class Problem : uint8_t { none, too_many, unknown_name, twice } problem = Problem::none;
  int32_t at = -1;  // that argument
};
Binding bind_arguments(const std::vector<std::string>& parameters, size_t leading,
                       const std::vector<ast::Argument>& arguments);

}  // namespace rexp::check
