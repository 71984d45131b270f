// Every published way of showing a model the answer is refused, for the stated reason; near misses are not.
#include <gtest/gtest.h>

#include "tests/support/expected_codes.h"

namespace rexp::testing {
namespace {

class Leak : public ::testing::TestWithParam<std::string> {};

TEST_P(Leak, IsAnsweredAsItsFileSays) { expect_what_it_says("leak", GetParam()); }

INSTANTIATE_TEST_SUITE_P(Files, Leak, ::testing::ValuesIn(programs_in("leak")),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace rexp::testing
