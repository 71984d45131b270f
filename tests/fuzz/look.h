// What must hold of every program, however odd: it is answered, and what is fine can be planned.
#pragma once

#include <string>

namespace rexp::fuzz {

/// Checks the program, and where it is fine plans its experiments and verifies their row functions. Empty, or what is wrong with the
/// compiler's answer. May crash or hang: that is what is looked for.
std::string look_at(const std::string& path, const std::string& stdlib, const std::string& ranks);

}  // namespace rexp::fuzz
