#include "compiler/check/arguments.h"

#include <algorithm>

namespace rexp::check {

Binding bind_arguments(const std::vector<std::string>& parameters, size_t leading,
                       const std::vector<ast::Argument>& arguments) {
  Binding out;
  out.argument.assign(parameters.size(), -1);
  std::vector<bool> filled(parameters.size(), false);
  std::fill_n(filled.begin(), std::min(leading, parameters.size()), true);
  size_t next = leading;
  for (size_t i = 0; i < arguments.size(); ++i) {
    size_t at = next;
    if (arguments[i].name) {
      at = static_cast<size_t>(
          std::find(parameters.begin(), parameters.end(), arguments[i].name->text) -
          parameters.begin());
    } else {
      ++next;
    }
    const bool missing = at >= parameters.size();
    if (missing || filled[at]) {
      out.problem = !missing            ? Binding::Problem::twice
                    : arguments[i].name ? Binding::Problem::unknown_name
                                        : Binding::Problem::too_many;
      out.at = static_cast<int32_t>(i);
      return out;
    }
    filled[at] = true;
    out.argument[at] = static_cast<int32_t>(i);
  }
  return out;
}

}  // namespace rexp::check
