// Hand-written row functions, compiled and interpreted. Random ones: tests/property/row_test.cpp.
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "tests/unit/lower_fixture.h"

namespace rexp::testing {
namespace {

TEST_F(Lower, CuttingAMappedRangeStaysALoop) {
  Builder b(FunctionKind::text);
  const int32_t v = b.new_var();
  const ExprId years = b.expr(Op::map, list_of(kInt), {b.history(), b.var(v, kEvent)}, v);
  b.function.result = b.expr(Op::join, kText,
                             {b.expr(Op::last, list_of(kInt), {years, b.integer(3)}), b.text(" ")});
  EXPECT_NE(row::verify(b.function), "");  // an event is no integer
  b.function.exprs[static_cast<size_t>(years)].args[1] =
      b.expr(Op::column, kInt, {b.var(v, kEvent)}, kAt);
  EXPECT_EQ(text(b, b.function.result), "13000 14000 15000");
  lower::Unit unit("test");
  lower::lower_function(unit, b.function, "f");
  EXPECT_EQ(unit.text().find("rexp_rk_list_push"), std::string::npos);
}

TEST_F(Lower, ListsAreCutAtTheirEnds) {
  Builder b(FunctionKind::text);
  const auto cut = [&](Op op, int64_t n) {
    return b.expr(Op::length, kInt, {b.expr(op, list_of(kEvent), {b.history(), b.integer(n)})});
  };
  EXPECT_EQ(integer(b, cut(Op::first, 4)), 4);
  EXPECT_EQ(integer(b, cut(Op::last, 100)), 6);
  EXPECT_EQ(integer(b, cut(Op::first, -1)), 0);
  EXPECT_EQ(text(b, b.expr(Op::concat, kText, {cut(Op::last, 3)}), {16, 10, 16, 3, 2, 0}),
            "0");  // a range that ends before it begins
}

TEST_F(Lower, CategoriesOfAHistoryByFrequency) {
  Builder b(FunctionKind::text);
  const int32_t v = b.new_var();
  const ExprId all =
      b.expr(Op::flat_map, list_of(kText), {b.history(), b.category_of(b.var(v, kEvent))}, v);
  const ExprId top = b.expr(Op::most_common, list_of(kText), {all, b.integer(2)});
  const std::string joined = text(b, b.expr(Op::join, kText, {top, b.text("、")}));
  const std::string everything = text(b, b.expr(Op::join, kText, {all, b.text("、")}));
  EXPECT_FALSE(joined.empty());
  EXPECT_GT(everything.size(), joined.size());
}

TEST_F(Lower, ALoopOverAFilteredListPrintsSeparatorsBetweenOnly) {
  Builder b(FunctionKind::text);
  const int32_t v = b.new_var(), w = b.new_var();
  const ExprId recent =
      b.expr(Op::le, kBool, {b.integer(13000), b.expr(Op::column, kInt, {b.var(v, kEvent)}, kAt)});
  const ExprId kept = b.expr(Op::filter, list_of(kEvent), {b.history(), recent}, v);
  const ExprId at =
      b.expr(Op::map, list_of(kInt), {kept, b.expr(Op::column, kInt, {b.var(w, kEvent)}, kAt)}, w);
  EXPECT_EQ(text(b, b.expr(Op::join, kText, {at, b.text(",")})), "13000,14000,15000");
  EXPECT_EQ(text(b, b.expr(Op::join, kText,
                           {b.expr(Op::last, list_of(kInt), {at, b.integer(2)}), b.text(",")})),
            "14000,15000");
}

TEST_F(Lower, MixedNumbersAreComparedAndAddedAsReals) {
  Builder b(FunctionKind::text);
  const ExprId half = b.expr(Op::div, kReal, {b.integer(1), b.integer(2)});
  EXPECT_EQ(text(b, b.expr(Op::concat, kText,
                           {half, b.text("|"), b.expr(Op::add, kReal, {b.integer(1), half})})),
            "0.5|1.5");
  const ExprId less = b.expr(Op::lt, kBool, {half, b.integer(1)});
  EXPECT_EQ(text(b, b.expr(Op::if_, kText, {less, b.text("yes"), b.text("no")})), "yes");
}

TEST_F(Lower, IntegersWrapAndFloorSaturates) {
  Builder b(FunctionKind::text);
  const ExprId big = b.integer(INT64_MAX);
  EXPECT_EQ(integer(b, b.expr(Op::add, kInt, {big, b.integer(1)})), INT64_MIN);
  EXPECT_EQ(integer(b, b.expr(Op::floor, kInt, {b.real(1e300)})), INT64_MAX);
  EXPECT_EQ(integer(b, b.expr(Op::floor, kInt, {b.real(-0.5)})), -1);
  EXPECT_EQ(integer(b, b.expr(Op::floor, kInt, {b.expr(Op::log, kReal, {b.real(-1)})})), 0);
}

TEST_F(Lower, ThereIsOneNan) {
  Builder b(FunctionKind::real_function);
  b.function.result = b.expr(Op::div, kReal, {b.real(0), b.real(0)});
  run(b, {0, 0, 0, 0, 0, 0});
  Builder negative(FunctionKind::real_function);
  negative.function.result =
      negative.expr(Op::neg, kReal, {negative.expr(Op::param, kReal, {}, kRate)});
  run(negative, {0, 0, 0, 0, 0, std::bit_cast<int64_t>(std::nan(""))});
}

TEST_F(Lower, ACosineSchedule) {
  Builder b(FunctionKind::real_function);
  const ExprId share = b.expr(Op::div, kReal, {b.expr(Op::param, kInt, {}, kStep), b.integer(100)});
  const ExprId angle = b.expr(Op::mul, kReal, {share, b.real(3.141592653589793)});
  b.function.result = b.expr(
      Op::mul, kReal,
      {b.real(0.5), b.expr(Op::add, kReal, {b.integer(1), b.expr(Op::cos, kReal, {angle})})});
  run(b, {0, 0, 0, 0, 100, 0});
  EXPECT_EQ(sink_.real(), 0);
  run(b, {0, 0, 0, 0, 0, 0});
  EXPECT_EQ(sink_.real(), 1);
}

// ---- shared expressions -------------------------------------------------------------------------------------------------

/// Applies `grow` forty times: 2^40 operations if anything forgets what it has done.
template <class Grow>
ExprId forty(ExprId x, Grow grow) {
  for (int i = 0; i < 40; ++i) x = grow(x);
  return x;
}

TEST_F(Lower, ASumOfTwoToTheFortyTermsIsFortyAdditions) {
  Builder b(FunctionKind::integer_function);
  b.function.result = forty(b.expr(Op::param, kInt, {}, kStep),
                            [&](ExprId x) { return b.expr(Op::add, kInt, {x, x}); });
  run(b, {0, 0, 0, 0, 3, 0});
  EXPECT_EQ(sink_.value(), int64_t{3} << 40);
}

TEST_F(Lower, BranchesShareWhatBothUse) {
  Builder b(FunctionKind::predicate);
  const ExprId late = b.expr(Op::lt, kBool, {b.integer(2), b.expr(Op::param, kInt, {}, kStep)});
  b.function.result = forty(late, [&](ExprId x) {
    const ExprId either = b.expr(Op::or_, kBool, {late, x});
    return b.expr(Op::if_, kBool, {late, b.expr(Op::and_, kBool, {either, x}), x});
  });
  run(b, {0, 0, 0, 0, 3, 0});
  EXPECT_EQ(sink_.value(), 1);
  run(b, {0, 0, 0, 0, 2, 0});
  EXPECT_EQ(sink_.value(), 0);
}

TEST_F(Lower, SharedListsAreMadeOnce) {
  Builder b(FunctionKind::integer_function);
  const int32_t v = b.new_var();
  const ExprId years = b.expr(Op::map, list_of(kInt),
                              {b.history(), b.expr(Op::column, kInt, {b.var(v, kEvent)}, kAt)}, v);
  const ExprId all = forty(years, [&](ExprId x) {
    const ExprId few = b.expr(Op::lt, kBool, {b.expr(Op::length, kInt, {x}), b.integer(9)});
    return b.expr(Op::if_, list_of(kInt),
                  {few, b.expr(Op::first, list_of(kInt), {x, b.integer(8)}), x});
  });
  b.function.result = b.expr(Op::length, kInt, {all});
  run(b, {10, 16, 16, 3, 2, 0});
  EXPECT_EQ(sink_.value(), 6);
}

TEST_F(Lower, SharedTextsAreBuiltOnce) {
  Builder b(FunctionKind::text);
  const ExprId nothing = forty(b.expr(Op::concat, kText, {b.text(""), b.text("")}),
                               [&](ExprId x) { return b.expr(Op::concat, kText, {x, x}); });
  EXPECT_EQ(text(b, b.expr(Op::concat, kText, {b.text("["), nothing, b.text("]")})), "[]");
}

TEST_F(Lower, WhatReadsALoopVariableIsComputedPerElement) {
  Builder b(FunctionKind::text);
  const int32_t v = b.new_var();
  const ExprId at = b.expr(Op::column, kInt, {b.var(v, kEvent)}, kAt);
  const ExprId half = b.expr(Op::sub, kInt, {at, b.integer(500)});
  const ExprId body = b.expr(Op::concat, kText, {half, b.text("/"), half, b.text("/"), at});
  const ExprId all = b.expr(Op::map, list_of(kText), {b.history(), body}, v);
  EXPECT_EQ(text(b, b.expr(Op::join, kText, {all, b.text(" ")}), {10, 12, 12, 3, 2, 0}),
            "9500/9500/10000 10500/10500/11000");
}

// ---- operations ---------------------------------------------------------------------------------------------------------

TEST_F(Lower, ASampleIsDrawnWithoutReplacementFromTheRowsStream) {
  Builder b(FunctionKind::text);
  const auto drawn = [&](int64_t n) {
    return b.expr(Op::sample, list_of(kEvent), {b.history(), b.integer(n)}, b.new_var());
  };
  const auto times = [&](ExprId events) {
    const int32_t v = b.new_var();
    return b.expr(Op::join, kText,
                  {b.expr(Op::map, list_of(kInt),
                          {events, b.expr(Op::column, kInt, {b.var(v, kEvent)}, kAt)}, v),
                   b.text(" ")});
  };
  std::map<std::string, int> seen;
  for (int i = 0; i < 40; ++i) ++seen[text(b, times(drawn(1)))];  // a use of its own each
  EXPECT_EQ(seen.size(), 6u);
  const std::string all = text(b, times(drawn(9)));
  EXPECT_EQ(std::count(all.begin(), all.end(), ' '), 5);
  for (int64_t at = 10000; at < 16000; at += 1000)
    EXPECT_NE(all.find(std::to_string(at)), std::string::npos) << all;
  EXPECT_EQ(text(b, times(drawn(-1))), "");
  const ExprId same = times(drawn(3));
  const std::string both = text(b, b.expr(Op::concat, kText, {same, b.text("|"), same}));
  EXPECT_EQ(both.substr(0, both.find('|')), both.substr(both.find('|') + 1));
}

TEST_F(Lower, NumbersAndItemsAreCountedToo) {
  Builder b(FunctionKind::text);
  std::vector<ExprId> numbers;
  for (int64_t n : {3, 1, 2, 1, 3, 5}) numbers.push_back(b.integer(n));
  const ExprId top = b.expr(Op::most_common, list_of(kInt),
                            {b.expr(Op::make_list, list_of(kInt), numbers), b.integer(3)});
  EXPECT_EQ(text(b, b.expr(Op::join, kText, {top, b.text(" ")})), "3 1 2");
  Builder items(FunctionKind::integer_function);
  const int32_t v = items.new_var();
  const ExprId seen = items.expr(Op::map, list_of(kItem),
                                 {items.history(), items.item_of(items.var(v, kEvent))}, v);
  items.function.result = items.expr(
      Op::length, kInt, {items.expr(Op::most_common, list_of(kItem), {seen, items.integer(2)})});
  run(items, {10, 16, 16, 3, 2, 0});
  EXPECT_EQ(sink_.value(), 2);
}

TEST_F(Lower, OutsideATableIsNothing) {
  Builder b(FunctionKind::text);
  for (const int64_t index : {int64_t{-1}, int64_t{1} << 40}) {
    const ExprId event = b.expr(Op::const_int, kEvent, {}, index);
    const ExprId item = b.item_of(event);
    const ExprId known = b.expr(Op::known, kBool, {item});
    const ExprId parts =
        b.expr(Op::concat, kText,
               {b.expr(Op::if_, kText, {known, b.text("known"), b.text("unknown")}), b.text("|"),
                b.title_of(event), b.text("|"), b.expr(Op::column, kInt, {item}, kYear),
                b.text("|"), b.expr(Op::column, kReal, {item}, kScore), b.text("|"),
                b.expr(Op::length, kInt, {b.category_of(event)})});
    EXPECT_EQ(text(b, parts), "unknown||0|0|0");
  }
}

// ---- small programs -----------------------------------------------------------------------------------------------------

TEST_F(Lower, APredicateOverAnItem) {
  Builder b(FunctionKind::predicate);
  const ExprId item = b.expr(Op::param, kItem, {}, kItemSlot);
  const ExprId recent =
      b.expr(Op::le, kBool, {b.integer(2000), b.expr(Op::column, kInt, {item}, kYear)});
  b.function.result = b.expr(Op::and_, kBool, {b.expr(Op::known, kBool, {item}), recent});
  int64_t kept = 0;
  for (int64_t i = -1; i < world_.items(); ++i) {
    run(b, {0, 0, 0, i, 0, 0});
    kept += sink_.value();
  }
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, world_.items());
}

TEST_F(Lower, AMetricOfARank) {
  Builder b(FunctionKind::real_function);
  const ExprId rank = b.expr(Op::param, kInt, {}, kStep);
  const ExprId gain = b.expr(
      Op::div, kReal,
      {b.integer(1), b.expr(Op::log2, kReal, {b.expr(Op::add, kInt, {rank, b.integer(1)})})});
  b.function.result =
      b.expr(Op::if_, kReal, {b.expr(Op::le, kBool, {rank, b.integer(10)}), gain, b.real(0)});
  run(b, {0, 0, 0, 0, 3, 0});
  EXPECT_EQ(sink_.real(), 0.5);
  run(b, {0, 0, 0, 0, 11, 0});
  EXPECT_EQ(sink_.real(), 0);
}

TEST_F(Lower, AClassOfATally) {
  Builder b(FunctionKind::integer_function);
  const ExprId seen = b.expr(Op::length, kInt, {b.history()});
  b.function.result = b.expr(
      Op::if_, kInt, {b.expr(Op::lt, kBool, {seen, b.integer(3)}), b.integer(0), b.integer(1)});
  run(b, {10, 12, 12, 0, 0, 0});
  EXPECT_EQ(sink_.value(), 0);
  run(b, {10, 16, 16, 0, 0, 0});
  EXPECT_EQ(sink_.value(), 1);
}

// ---- tokens -------------------------------------------------------------------------------------------------------------

TEST_F(Lower, ASemanticIdOfAnyLengthIsPrintedWhole) {
  Builder b(FunctionKind::renderer);
  const int32_t v = b.new_var();
  b.function.body = {b.each(v, b.history(), {b.print(b.sid_of(b.var(v, kEvent)))}, {})};
  lower::Unit unit("test");
  lower::lower_function(unit, b.function, "f");
  Fn* fn = compile(std::move(unit));
  for (const int32_t width : {1, 8, 9, 20}) {
    std::vector<int32_t> ids;
    for (int32_t i = 0; i < width * world_.items(); ++i) ids.push_back(i);
    std::vector<uint8_t> levels(static_cast<size_t>(width + REXP_SID_ROOM), 3);
    ids.resize(ids.size() + REXP_SID_ROOM);
    const RexpSidTable table{world_.items(), width, ids.data(), levels.data()};
    RexpRowContext context = world_.context(nullptr);
    context.sids = &table;
    const int64_t row[] = {0, 300, 300, 0, 0, 0};  // more than the sink begins with
    abi::SinkBuffer interpreted, compiled;
    EXPECT_EQ(interp::run(b.function, context, row, 0, interpreted.get()), REXP_OK);
    EXPECT_EQ(fn(&context, row, 0, compiled.get()), REXP_OK);
    EXPECT_EQ(compiled.ids().size(), static_cast<size_t>(300 * width));
    EXPECT_TRUE(std::ranges::equal(interpreted.ids(), compiled.ids()));
    EXPECT_TRUE(std::ranges::equal(interpreted.trained(), compiled.trained()));
    EXPECT_TRUE(std::ranges::equal(interpreted.levels(), compiled.levels()));
  }
}

}  // namespace
}  // namespace rexp::testing
