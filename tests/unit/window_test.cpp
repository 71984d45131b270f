// A row that is longer than the window: what goes, what stays, what is refused.
#include "runtime/abi/window.h"

#include <gtest/gtest.h>

namespace rexp::abi {
namespace {

/// A row of events [2, 12), ten tokens around them and three for each.
class Window : public testing::Test {
 protected:
  RenderedSlots row() {
    return {names_, values_, [this]() -> Result<int64_t> {
              ++rendered_;
              return 10 + 3 * (values_[2] - values_[1]);
            }};
  }
  std::vector<std::string> names_ = {"user", "history_begin", "history_end", "next"};
  std::vector<int64_t> values_ = {0, 2, 12, 12};
  int rendered_ = 0;
};

TEST_F(Window, TheFewestOldestEventsGo) {
  for (int64_t room = 13; room <= 39; ++room) {
    values_[1] = 2;
    const auto fitted = drop_oldest(room, 40, row());
    ASSERT_TRUE(fitted.ok());
    EXPECT_LE(fitted->tokens, room);
    EXPECT_GT(fitted->tokens + 3, room) << "one more event would have fitted";
    EXPECT_EQ(fitted->tokens, 40 - 3 * fitted->dropped);
    EXPECT_EQ(values_[1], 2 + fitted->dropped);
  }
}

TEST_F(Window, OneEventStays) {
  const auto fitted = drop_oldest(12, 40, row());
  EXPECT_EQ(fitted->dropped, 9);
  EXPECT_EQ(fitted->tokens, 13) << "it does not fit, which the caller says";
  values_ = {0, 5, 6, 12};
  EXPECT_EQ(drop_oldest(12, 13, row())->dropped, 0);
  names_ = {"user", "item", "seen", "next"};
  EXPECT_EQ(drop_oldest(12, 13, row())->tokens, 13) << "no history";
}

TEST_F(Window, AQuestionFitsWithItsAnswer) {
  const auto whole = render_question({43, text::Overflow::drop_oldest}, 3, "row 4", row());
  EXPECT_EQ(whole->dropped, 0);
  EXPECT_EQ(rendered_, 1);
  EXPECT_EQ(render_question({42, text::Overflow::drop_oldest}, 3, "row 4", row())->dropped, 1);
}

TEST_F(Window, AQuestionCannotBeLeftOut) {
  EXPECT_EQ(render_question({36, text::Overflow::drop_example}, 3, "row 4", row())->tokens, 31);
}

TEST_F(Window, WhatCannotBeAskedNamesItsRow) {
  const auto refused = render_question({42, text::Overflow::refuse}, 3, "row 4", row());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::user);
  EXPECT_EQ(refused.error().message,
            "row 4 has 40 tokens, and its answer 3; the model was trained with a window of 42");
  const auto too_long = render_question({15, text::Overflow::drop_oldest}, 3, "row 4", row());
  ASSERT_FALSE(too_long.ok());
  EXPECT_EQ(too_long.error().message,
            "row 4 has 13 tokens, and its answer 3; the model was trained with a window of 15");
  EXPECT_NE(too_long.error().help.find("one event of history is all that is left"),
            std::string::npos);
}

}  // namespace
}  // namespace rexp::abi
