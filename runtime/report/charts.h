// The charts of the page, each an HTML fragment.
#pragma once

#include <string>

#include "runtime/report/report.h"
#include "runtime/report/summary.h"

namespace rexp::report {

/// One panel per metric: a bar with its 95 % interval for every system. `colour_of[i]` is the colour number of table.systems[i].
std::string metric_charts(const SummaryTable& table, const std::vector<int>& colour_of);

/// Loss over steps (logarithmic), in all and per level, with a legend that has the last values.
std::string loss_chart(const TrainingLog& log);
/// Values over epochs or steps (logarithmic), with a legend that has the last of them.
std::string learning_chart(const LearningCurve& curve);

/// Per level of a codebook: a strip of all codes, darker where more items are, and the counts sorted.
std::string usage_charts(const CodebookSummary& codebook);

/// Number of distinct colours in the page's style: classes c0, c1, ..
inline constexpr int kColours = 8;

}  // namespace rexp::report
