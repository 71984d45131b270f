// The charts of a sweep's page, each an HTML fragment.
#pragma once

#include <string>
#include <vector>

#include "runtime/sweep/grid.h"

namespace rexp::sweep {

/// A panel per axis and metric: the values of the axis from left to right, a dot with its interval per point. Points that agree in the
/// other axes share a colour and are joined.
std::string axis_charts(const Sweep& sweep, const Grid& grid);

/// The see-saw: every metric that changes, relative to the first point, a line per point. Empty where fewer than two change.
std::string see_saw(const Sweep& sweep, const std::vector<Grid>& grids);

/// Two metrics of different evaluations against each other; the points that no other beats in both are marked. Empty where only one
/// evaluation changes.
std::string pareto(const Sweep& sweep, const std::vector<Grid>& grids);

}  // namespace rexp::sweep
