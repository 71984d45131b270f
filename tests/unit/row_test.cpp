#include <gtest/gtest.h>

#include <numeric>

#include "compiler/row/mixture.h"
#include "compiler/row/verify.h"
#include "tests/property/row_fixture.h"

namespace rexp::testing {
namespace {

using row::FunctionKind;
using row::Op;

TEST(Canonical, DoesNotDependOnTheOrderInWhichColumnsWereMet) {
  Builder a(FunctionKind::text);
  a.function.result = a.title_of(a.next());
  Builder b(FunctionKind::text);
  b.integer(7);  // an expression that nothing uses
  std::swap(b.function.columns[kTitle], b.function.columns[kYear]);
  b.function.result = b.expr(Op::column, kText, {b.item_of(b.next())}, kYear);
  EXPECT_EQ(row::canonical(a.function), row::canonical(b.function));
  a.function.name = "another";
  EXPECT_EQ(row::canonical(a.function), row::canonical(b.function));
}

TEST(Canonical, AChangedCharacterCounts) {
  const auto text = [](const char* value) {
    Builder b(FunctionKind::text);
    b.function.result = b.text(value);
    return row::canonical(b.function);
  };
  EXPECT_NE(text("看过，"), text("看过,"));
  EXPECT_NE(text("a\"b"), text("a\\\"b"));
}

TEST(Canonical, ReadsAsASExpression) {
  Builder b(FunctionKind::predicate);
  b.function.slots.resize(2);
  b.function.result =
      b.expr(Op::le, kBool, {b.integer(5), b.expr(Op::length, kInt, {b.history()})});
  EXPECT_EQ(row::canonical(b.function),
            "predicate(slot \"history_begin\":event)(slot \"history_end\":event)"
            "(le:boolean(const_int:integer 5)(length:integer(range:list.event 0))){}");
}

TEST(Verify, AcceptsWhatItShould) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(row::Role::user, {b.history_sids("、")})};
  EXPECT_EQ(row::verify(b.function), "");
  EXPECT_FALSE(row::woven(b.function));
}

TEST(Verify, NamesTheExpressionAtFault) {
  Builder b(FunctionKind::predicate);
  b.function.result = b.expr(Op::lt, kBool, {b.integer(1), b.text("a")});
  EXPECT_EQ(row::verify(b.function), "expression 2 (lt): two numbers or two texts are required");
  b.function.result = b.integer(1);
  EXPECT_EQ(row::verify(b.function), "function: the result has the wrong type");
}

TEST(Verify, FindsVariablesOutOfScope) {
  Builder b(FunctionKind::renderer);
  const int32_t v = b.new_var();
  b.function.body = {b.each(v, b.history(), {}, {}), b.print(b.sid_of(b.var(v, kEvent)))};
  EXPECT_EQ(row::verify(b.function),
            "expression 1 (var): the variable is not bound here, or to another type");
}

TEST(Verify, FindsCyclesAndNumbersOutOfRange) {
  Builder b(FunctionKind::predicate);
  b.function.result = b.expr(Op::not_, kBool, {0});
  EXPECT_EQ(row::verify(b.function), "expression 0 (not_): the expression contains itself");
  Builder c(FunctionKind::text);
  c.function.result = c.expr(Op::column, kText, {c.item_of(c.next())}, 99);
  EXPECT_EQ(row::verify(c.function), "expression 2 (column): the number is out of range");
}

TEST(Verify, WantsWeightsWithAPositiveSum) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.choose(b.new_var(), {0, 0}, {{}, {}})};
  EXPECT_EQ(row::verify(b.function),
            "statement 0 (choose): one weight per body is required, with a positive sum");
}

TEST(Mixture, SharesAreRoundedByLargestRemainder) {
  EXPECT_EQ(row::share_quotas({20, 5, 75}), (std::vector<int64_t>{200, 50, 750}));
  EXPECT_EQ(row::share_quotas({1, 1, 1}), (std::vector<int64_t>{334, 333, 333}));
  const auto quotas = row::share_quotas({0.123, 0.4567, 0.0011, 3});
  EXPECT_EQ(std::accumulate(quotas.begin(), quotas.end(), int64_t{0}), row::kShareBlock);
}

TEST(Mixture, CopiesAreRoundedHalfUp) {
  EXPECT_EQ(row::copy_quota(3, 943), 2829);
  EXPECT_EQ(row::copy_quota(0.5, 5), 3);
  EXPECT_EQ(row::copy_quota(0, 5), 0);
  EXPECT_FALSE(row::make_mixture("copies", {0, 0}).ok());
  EXPECT_FALSE(row::make_mixture("litres", {1}).ok());
}

}  // namespace
}  // namespace rexp::testing
