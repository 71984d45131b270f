// Metrics of a protocol: what each looks for, and the compiled formula that makes a number of the rank.
#include "runtime/nodes/evaluate_metrics.h"

#include <bit>

#include "runtime/base/fields.h"
#include "runtime/nodes/bind.h"

namespace rexp::nodes {

Result<std::vector<eval::Metric>> read_metrics(NodeContext& context) {
  std::vector<eval::Metric> out;
  for (const auto& args : context.args().at("metrics")) {
    eval::Metric metric;
    int64_t levels = 0;
    Fields fields(args, "a metric");
    fields.text("name", &metric.name);
    fields.count("depth", &metric.depth, 1, "a whole number of at least 1");
    fields.count("levels", &levels, 1, "a whole number of at least 1");
    REXP_TRY(fields.status());
    metric.levels = static_cast<int>(levels);
    auto formula = row_function(context, args.at("kernel").get<int64_t>(), {"rank"});
    if (!formula) return formula.error();
    metric.value = [formula = std::move(*formula)](int64_t rank) -> Result<double> {
      auto answer = formula(&rank);
      if (!answer) return answer.error();
      return std::bit_cast<double>(answer->value);
    };
    out.push_back(std::move(metric));
  }
  return out;
}

}  // namespace rexp::nodes
