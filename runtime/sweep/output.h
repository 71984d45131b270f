// A comparison as what people and programs read.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/sweep/compare.h"

namespace rexp::sweep {

/// "lr=1e-3 batch=32 rows"; without axes "as it stands".
std::string point_text(const Sweep& sweep, int64_t point);

/// [{"point": 1, "values": {"learn.batch": "32 rows"}, "output", "place", "system", .., "against_first": {..} or null}]
nlohmann::ordered_json rows_json(const Sweep& sweep, const std::vector<Row>& rows);
/// The same as a table with a line per row (RFC 4180); a column per axis.
std::string rows_csv(const Sweep& sweep, const std::vector<Row>& rows);

/// For the terminal: points down, metrics across, of the first evaluation that the experiment names. `*`: resolved from the first point.
std::string terminal_table(const Sweep& sweep, const std::vector<Row>& rows, bool colour);

/// One page that stands alone: tables, every axis against every metric, the see-saw of all metrics, the Pareto front. `pages`: of each
/// trial, where its own page lies.
std::string html_page(const Sweep& sweep, const std::vector<Row>& rows,
                      const std::vector<std::string>& pages, const std::vector<std::string>& notes);

}  // namespace rexp::sweep
