// Rows to columns, each column to one row at most, so that the whole costs least.
//
//   assign({4, 1,
//           2, 3}, 2, 2)      {1, 0}: 1 + 2, the other way 4 + 3
#pragma once

#include <cstdint>
#include <vector>

namespace rexp::codebook {

/// The column of every row; `costs` [rows, columns], rows <= columns. Shortest augmenting paths with potentials (Jonker, Volgenant
/// 1987), O(rows^2 columns).
std::vector<int32_t> assign(const std::vector<double>& costs, int64_t rows, int64_t columns);

}  // namespace rexp::codebook
