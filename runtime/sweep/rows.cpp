#include "runtime/report/format.h"
#include "runtime/sweep/output.h"

namespace rexp::sweep {
using nlohmann::ordered_json;

namespace {

/// A field of a line, in quotes where it needs them.
std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\n\r") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string number(double value) { return ordered_json(value).dump(); }

}  // namespace

std::string point_text(const Sweep& sweep, int64_t point) {
  const std::vector<std::string> names = short_names(sweep.axes);
  std::string out;
  for (size_t i = 0; i < names.size(); ++i)
    out += (i > 0 ? " " : "") + names[i] + "=" + sweep.points[static_cast<size_t>(point)][i];
  return out.empty() ? "as it stands" : out;
}

ordered_json rows_json(const Sweep& sweep, const std::vector<Row>& rows) {
  ordered_json out = ordered_json::array();
  for (const Row& row : rows) {
    ordered_json values = ordered_json::object();
    for (size_t i = 0; i < sweep.axes.size(); ++i)
      values[sweep.axes[i]] = sweep.points[static_cast<size_t>(row.point)][i];
    ordered_json against;
    if (const auto& apart = row.against_first) {
      against = {{"difference", apart->value},
                 {"low", apart->low},
                 {"high", apart->high},
                 {"p", apart->p},
                 {"resolved", apart->resolved()}};
    }
    out.push_back({{"point", row.point + 1},
                   {"values", std::move(values)},
                   {"output", row.output},
                   {"place", row.place},
                   {"system", row.system},
                   {"protocol", row.protocol},
                   {"split", row.split},
                   {"seen", row.seen},
                   {"metric", row.metric},
                   {"value", row.value},
                   {"low", row.low},
                   {"high", row.high},
                   {"n", row.users},
                   {"seeds", row.seeds},
                   {"against_first", std::move(against)}});
  }
  return out;
}

std::string rows_csv(const Sweep& sweep, const std::vector<Row>& rows) {
  std::string out = "point";
  for (const std::string& axis : sweep.axes) out += "," + quoted(axis);
  out +=
      ",output,place,system,protocol,split,seen,metric,value,low,high,n,seeds,"
      "difference,difference_low,difference_high,p\n";
  for (const Row& row : rows) {
    out += std::to_string(row.point + 1);
    for (const std::string& value : sweep.points[static_cast<size_t>(row.point)])
      out += "," + quoted(value);
    out += "," + quoted(row.output) + "," + std::to_string(row.place);
    for (const std::string* text : {&row.system, &row.protocol, &row.split, &row.seen, &row.metric})
      out += "," + quoted(*text);
    for (const double value : {row.value, row.low, row.high}) out += "," + number(value);
    out += "," + std::to_string(row.users) + "," + std::to_string(row.seeds);
    if (const auto& apart = row.against_first) {
      for (const double value : {apart->value, apart->low, apart->high, apart->p})
        out += "," + number(value);
    } else {
      out += ",,,,";
    }
    out += "\n";
  }
  return out;
}

}  // namespace rexp::sweep
