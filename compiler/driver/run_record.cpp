#include "compiler/driver/run_record.h"

#include <rexp_identity.h>

#include "compiler/driver/paths.h"
#include "runtime/store/file.h"

namespace rexp::driver {

Status keep_record(const RunArguments& arguments, int64_t run,
                   const plan::CompileResult& compiled) {
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const plan::Node& node : compiled.plan->nodes)
    nodes.push_back({{"name", node.name}, {"kind", node.kind}, {"key", node.key}});
  nlohmann::ordered_json record = {{"run", run},
                                   {"rexp", abi::kVersion},
                                   {"file", arguments.file},
                                   {"set", arguments.overrides},
                                   {"value", compiled.value},
                                   {"nodes", std::move(nodes)}};
  if (compiled.sweep) {
    const plan::SweepRun& one = compiled.sweep->runs.front();
    nlohmann::ordered_json point = nlohmann::ordered_json::object();
    for (size_t i = 0; i < one.values.size(); ++i) point[compiled.sweep->axes[i]] = one.values[i];
    record["sweep"] = {
        {"name", compiled.sweep->name}, {"run", one.number}, {"point", std::move(point)}};
  }
  const std::string folder = store_folder(arguments.store) + "/runs";
  REXP_TRY(store::make_folder(folder));
  return store::replace_file(
      folder + "/" + std::to_string(run) + ".json",
      record.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

nlohmann::json headline(const nlohmann::json& rows) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& row : rows) {
    if (row["system"] != rows[0]["system"]) continue;
    const std::string metric = row["metric"];
    if (metric == "hit@10" || metric == "ndcg@10")
      out[metric + " " + row["seen"].get<std::string>()] = row["value"];
  }
  return out;
}

}  // namespace rexp::driver
