#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "runtime/base/random.h"
#include "runtime/codebook/assignment.h"
#include "runtime/codebook/k_means.h"
#include "runtime/codebook/reassign.h"

namespace rexp::codebook {
namespace {

using Code = std::vector<int32_t>;

double cost_of(const std::vector<double>& costs, int64_t columns, const Code& chosen) {
  double sum = 0;
  for (size_t row = 0; row < chosen.size(); ++row) sum += costs[row * columns + chosen[row]];
  return sum;
}

/// Of all ways to give every row a column of its own.
double least_cost(const std::vector<double>& costs, int64_t rows, int64_t columns) {
  Code order(columns);
  std::iota(order.begin(), order.end(), 0);
  double least = 1e300;
  do {
    least = std::min(least, cost_of(costs, columns, {order.begin(), order.begin() + rows}));
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

TEST(AssignmentTest, CostsAsLittleAsTheBestOfAllWays) {
  EXPECT_EQ(assign({4, 1, 2, 3}, 2, 2), (Code{1, 0}));
  EXPECT_TRUE(assign({}, 0, 3).empty());
  for (uint64_t draw = 0; draw < 200; ++draw) {
    const uint64_t s = stream(draw, "assignment");
    const auto columns = static_cast<int64_t>(1 + draw % 6);
    const int64_t rows = 1 + columns * static_cast<int64_t>(draw % 3) / 3;
    std::vector<double> costs;
    for (int64_t i = 0; i < rows * columns; ++i)
      costs.push_back(normal_pair(s, i).first - (draw % 2 == 0 ? 0 : 5));  // below zero, too
    const Code chosen = assign(costs, rows, columns);
    EXPECT_EQ(std::set(chosen.begin(), chosen.end()).size(), chosen.size());
    EXPECT_NEAR(cost_of(costs, columns, chosen), least_cost(costs, rows, columns), 1e-9) << draw;
  }
}

/// One number per item, two levels: tens, then ones.
Quantiser digits(std::vector<float> ones = {0, 1, 2}) {
  Quantiser quantiser;
  quantiser.centroids = {{2, 1, {0, 10}}, {static_cast<int64_t>(ones.size()), 1, ones}};
  return quantiser;
}

std::vector<Code> reassigned(const Quantiser& quantiser, const std::vector<float>& values,
                             const Kept& kept = {}) {
  const Vectors vectors{static_cast<int64_t>(values.size()), 1, values};
  auto codes = *quantiser.encode(vectors);
  const Result<int64_t> moved = reassign(quantiser, vectors, kept, &codes);
  EXPECT_TRUE(moved.ok()) << to_string(moved.error());
  return codes;
}

TEST(ReassignTest, EveryItemHasCodesOfItsOwnAndTheWholeMovesLittle) {
  // 0.9 and 1.1 both lie nearest to 1; the one below gives way, as 0 is free
  EXPECT_EQ(reassigned(digits(), {0.9f, 1.1f, 12}), (std::vector<Code>{{0, 0}, {0, 1}, {1, 2}}));
  // who sits on a free code stays there
  EXPECT_EQ(reassigned(digits(), {0, 1, 2}), (std::vector<Code>{{0, 0}, {0, 1}, {0, 2}}));
  // three in a row: the middle one keeps its place
  EXPECT_EQ(reassigned(digits(), {1.2f, 1, 0.8f}), (std::vector<Code>{{0, 2}, {0, 1}, {0, 0}}));
}

TEST(ReassignTest, TheFarthestOfACrowdGoToTheNextCodeBefore) {
  EXPECT_EQ(reassigned(digits(), {0, 1, 2, 4.5f}),
            (std::vector<Code>{{0, 0}, {0, 1}, {0, 2}, {1, 0}}));
}

TEST(ReassignTest, WhatIsKeptStaysAndNobodyGetsIt) {
  const Kept kept{{true, false, false}, {{0, 1}, {0, 2}}};  // {0, 2} was an item that is gone
  EXPECT_EQ(reassigned(digits(), {1, 1, 11}, kept), (std::vector<Code>{{0, 1}, {0, 0}, {1, 1}}));
}

TEST(ReassignTest, MoreItemsThanCodesAreAnError) {
  const std::vector<float> values(7, 1.0f);
  const Vectors vectors{7, 1, values};
  auto codes = *digits().encode(vectors);
  const Result<int64_t> moved = reassign(digits(), vectors, {}, &codes);
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().kind, ErrorKind::user);
  EXPECT_EQ(moved.error().message,
            "levels of [2, 3] codes are too small to give each of 7 items codes of its own");
  Quantiser flat;
  flat.centroids = {{2, 1, {0, 1}}};
  auto single = *flat.encode({3, 1, {0, 1, 1}});
  EXPECT_FALSE(reassign(flat, {3, 1, {0, 1, 1}}, {}, &single).ok());
}

TEST(ReassignTest, ManyItemsInThreeLevels) {
  Vectors vectors{150, 4, {}};
  for (uint64_t i = 0; i < 300; ++i) {
    const auto [a, b] = normal_pair(stream(7, "vectors"), i);
    vectors.values.push_back(static_cast<float>(a));
    vectors.values.push_back(static_cast<float>(b));
  }
  Quantiser quantiser;
  quantiser.centroids = residual_k_means(vectors, {4, 6, 8}, {});
  const auto nearest = *quantiser.encode(vectors);
  auto codes = nearest;
  const Result<int64_t> moved = reassign(quantiser, vectors, {}, &codes);
  ASSERT_TRUE(moved.ok()) << to_string(moved.error());
  EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), 150u);
  EXPECT_LT(std::set(nearest.begin(), nearest.end()).size(), 150u);
  int64_t differ = 0, first = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    differ += codes[i] != nearest[i];
    first += codes[i][0] == nearest[i][0];
  }
  EXPECT_EQ(*moved, differ);
  EXPECT_EQ(first, 150) << "only the last two levels give way";
  EXPECT_EQ(*reassign(quantiser, vectors, {}, &codes), 0) << "it is its own result";
}

}  // namespace
}  // namespace rexp::codebook
