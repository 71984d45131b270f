// Large and deep programs parse or are refused within a second, and the parser's stack holds.
#include <gtest/gtest.h>

#include "compiler/parse/parse.h"
#include "tests/fuzz/large_programs.h"
#include "tests/support/sandbox.h"

namespace rexp::fuzz {
namespace {

#ifdef __OPTIMIZE__
constexpr double kSeconds = 2;  // half of it for a busy machine
#else
constexpr double kSeconds = 20;
#endif

constexpr int kErrors = 2;

class Large : public ::testing::TestWithParam<LargeProgram> {};

TEST_P(Large, IsParsedInTime) {
  const auto end = testing::run_apart(kSeconds, [&] {
    source::SourceMap sources;
    diagnostics::Sink sink;
    parse::parse_module(sources, sources.add("large.rexp", GetParam().text), sink);
    const bool errors = sink.has_errors();
    for (const auto& d : sink.take()) diagnostics::render(d, sources, false);
    return errors ? kErrors : 0;
  });
  ASSERT_EQ(end.how, testing::Ended::How::exited) << "signal " << end.code << ": " << end.printed;
  EXPECT_EQ(end.code, GetParam().has_errors ? kErrors : 0) << end.printed;
  RecordProperty("milliseconds", static_cast<int>(end.seconds * 1000));
}

INSTANTIATE_TEST_SUITE_P(Programs, Large, ::testing::ValuesIn(large_programs()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace rexp::fuzz
