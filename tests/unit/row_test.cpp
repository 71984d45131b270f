#include <gtest/gtest.h>

#include <numeric>

#include "compiler/row/mixture.h"
#include "compiler/row/row_builder.h"
#include "compiler/row/sharing.h"
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

TEST(RowBuilder, WhatIsAddedTwiceExistsOnce) {
  row::RowBuilder b(FunctionKind::text, "title");
  b.slot("next", kEvent);
  const auto title = [&] {
    const auto item = b.item_of(0, b.add(Op::param, kEvent));
    return b.column(0, "items", "title", kText, item);
  };
  EXPECT_EQ(title(), title());
  EXPECT_EQ(b.constant(std::string("a")), b.constant(std::string("a")));
  EXPECT_NE(b.constant(0.0), b.constant(-0.0));
  EXPECT_NE(b.constant(int64_t{1}), b.constant(true));
  const auto v = b.variable(), w = b.variable();
  EXPECT_NE(b.add(Op::var, kEvent, {}, v), b.add(Op::var, kEvent, {}, w));
  EXPECT_EQ(b.finish(b.add(Op::concat, kText, {title(), title()})).exprs.size(), 4u);
}

TEST(RowBuilder, ACalledFunctionReadsItsArguments) {
  row::RowBuilder inner(FunctionKind::predicate, "old");
  inner.slot("item", kItem);
  const auto names = inner.column(7, "items", "names", list_of(kText), inner.add(Op::param, kItem));
  const auto v = inner.variable();
  const auto same = inner.add(Op::eq, kBool,
                              {inner.add(Op::var, kText, {}, v), inner.constant(std::string("a"))});
  const auto some = inner.add(Op::filter, list_of(kText), {names, same}, v);
  const row::RowFunction old = inner.finish(
      inner.add(Op::lt, kBool, {inner.constant(int64_t{0}), inner.add(Op::length, kInt, {some})}));

  row::RowBuilder b(FunctionKind::predicate, "both");
  b.slot("rank", kInt);
  b.slot("item", kItem);
  const auto here = b.add(Op::param, kItem, {}, 1);
  b.column(3, "items", "year", kInt, here);  // the numbers of columns and variables differ
  b.variable();
  const row::RowFunction f =
      b.finish(b.add(Op::and_, kBool, {b.call(old, {here}), b.call(old, {here})}));
  EXPECT_EQ(row::verify(f), "");
  EXPECT_EQ(f.vars, 2) << "every call has loop variables of its own";
  ASSERT_EQ(f.columns.size(), 1u);
  EXPECT_EQ(f.columns[0].column, "names");
}

TEST(RowBuilder, AStatementInTwoPlacesBecomesTwo) {
  row::RowBuilder b(FunctionKind::renderer, "twice");
  b.slot("history_begin", kEvent);
  b.slot("history_end", kEvent);
  const auto history = b.add(Op::range, list_of(kEvent));
  const auto v = b.variable(), w = b.variable(), choice = b.variable();
  const auto event = b.add(Op::var, kEvent, {}, v);
  const auto tags = b.column(0, "items", "category", list_of(kText), b.item_of(0, event));
  const auto tag =
      b.add(Op::concat, kText, {b.add(Op::var, kText, {}, w), b.constant(std::string("!"))});
  const auto loud =
      b.add(Op::join, kText,
            {b.add(Op::map, list_of(kText), {tags, tag}, w), b.constant(std::string(" "))});
  const auto each =
      b.add(row::Stmt{.op = row::StmtOp::for_each,
                      .expr = history,
                      .number = v,
                      .bodies = {{b.add(row::Stmt{.op = row::StmtOp::print, .expr = loud})}, {}}});
  const auto one = b.add(row::Stmt{
      .op = row::StmtOp::choose, .number = choice, .weights = {1, 2}, .bodies = {{each}, {}}});
  const auto turn = b.add(
      row::Stmt{.op = row::StmtOp::turn, .role = row::Role::user, .bodies = {{one, each, one}}});
  const row::RowFunction f = b.finish(std::vector<row::StmtId>{turn});
  EXPECT_EQ(row::verify(f), "");
  EXPECT_EQ(f.vars, 7);  // three times v and w, one choice
  EXPECT_EQ(row::look_at_sharing(f).order.size(), 3u + 3 * 7u);
}

TEST(RowBuilder, APoolIsARangeOfAColumnOfItsRows) {
  row::RowBuilder b(FunctionKind::integer_function, "size");
  const auto begin = b.slot("rivals_begin", kEvent);
  b.slot("rivals_end", kEvent);
  const auto v = b.variable();
  const auto rivals = b.add(Op::map, list_of(kItem),
                            {b.add(Op::range, list_of(kEvent), {}, begin),
                             b.item_of(1, "rows", "rivals", b.add(Op::var, kEvent, {}, v))},
                            v);
  const row::RowFunction f = b.finish(b.add(Op::length, kInt, {rivals}));
  EXPECT_EQ(row::verify(f), "");
  EXPECT_NE(row::canonical(f).find("item_of:item 1 \"rows\" \"rivals\""), std::string::npos);
}

/// x + x, forty times over: 2^40 terms, 41 expressions.
row::RowFunction doubled(bool apart) {
  row::RowBuilder b(FunctionKind::integer_function, "doubled");
  b.slot("step", kInt);
  auto x = b.add(Op::param, kInt);
  for (int i = 0; i < 40; ++i) x = b.add(Op::add, kInt, {x, x});
  row::RowFunction f = b.finish(x);
  if (apart) {  // the same function, its last sum made of two equal expressions
    f.exprs.push_back(f.exprs[39]);
    f.exprs[40].args[1] = 41;
  }
  return f;
}

TEST(Sharing, AFunctionIsAsLargeAsItsGraph) {
  const row::RowFunction f = doubled(false);
  EXPECT_EQ(f.exprs.size(), 41u);
  EXPECT_EQ(row::verify(f), "");
  EXPECT_LT(row::canonical(f).size(), 1500u);
  EXPECT_EQ(row::canonical(f), row::canonical(doubled(true)));
}

TEST(Canonical, WritesASharedExpressionOnce) {
  row::RowBuilder b(FunctionKind::integer_function, "square");
  b.slot("step", kInt);
  const auto step = b.add(Op::param, kInt);
  const auto next = b.add(Op::add, kInt, {step, b.constant(int64_t{1})});
  EXPECT_EQ(row::canonical(b.finish(b.add(Op::mul, kInt, {next, next}))),
            "integer_function(slot \"step\":integer)(mul:integer"
            "#0=(add:integer(param:integer 0)(const_int:integer 1))#0#){}");
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

TEST(Verify, WantsAVariableBoundByOneLoopOnly) {
  Builder b(FunctionKind::renderer);
  const int32_t v = b.new_var();
  b.function.body = {b.each(v, b.history(), {}, {}), b.each(v, b.history(), {}, {})};
  EXPECT_EQ(row::verify(b.function), "statement 1 (for_each): the variable is bound already");
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
