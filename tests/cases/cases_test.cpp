// Nothing is dropped in silence: each file is a small program and what has to be said about it.
#include <gtest/gtest.h>

#include "tests/support/expected_codes.h"

namespace rexp::testing {
namespace {

class Case : public ::testing::TestWithParam<std::string> {};

TEST_P(Case, IsAnsweredAsItsFileSays) { expect_what_it_says("cases", GetParam()); }

INSTANTIATE_TEST_SUITE_P(Files, Case, ::testing::ValuesIn(programs_in("cases")),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace rexp::testing
