// Programs whose second line says what `rexp check` answers, and the test that it does.
//
//   // leak: R0312                       exit code 2, and these are the codes of all errors
//   // expect: 8:R0101 8:R0101 9:R0201   the same, one entry per error, with its line
//   // expect: fine                      exit code 0 (in tests/leak: none)
//
// Codes of warnings (R08..) have to be among the answers; other warnings are not looked at.
#pragma once

#include <string>
#include <vector>

namespace rexp::testing {

/// Names, without `.rexp`, of the programs in a folder of tests/.
std::vector<std::string> programs_in(const std::string& folder);

void expect_what_it_says(const std::string& folder, const std::string& name);

}  // namespace rexp::testing
