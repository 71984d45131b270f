#include "compiler/driver/run_record.h"

#include <rexp_identity.h>

#include <fstream>

#include "compiler/driver/paths.h"
#include "runtime/store/file.h"

namespace rexp::driver {

namespace {

/// The words with which this process was started.
std::vector<std::string> own_command() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

}  // namespace

std::string record_path(const std::string& store, int64_t run) {
  return store + "/runs/" + std::to_string(run) + ".json";
}

Status keep_record(const RunArguments& arguments, int64_t run,
                   const plan::CompileResult& compiled) {
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const plan::Node& node : compiled.plan->nodes)
    nodes.push_back({{"name", node.name}, {"kind", node.kind}, {"key", node.key}});
  nlohmann::ordered_json program = nlohmann::ordered_json::object();
  for (const plan::ProgramFile& file : compiled.program) program[file.path] = file.text;
  nlohmann::ordered_json record = {{"run", run},
                                   {"rexp", abi::kVersion},
                                   {"command", own_command()},
                                   {"file", arguments.file},
                                   {"set", arguments.overrides},
                                   {"value", compiled.value},
                                   {"nodes", std::move(nodes)},
                                   {"program", std::move(program)}};
  if (compiled.sweep) {
    const plan::SweepRun& one = compiled.sweep->runs.front();
    nlohmann::ordered_json point = nlohmann::ordered_json::object();
    for (size_t i = 0; i < one.values.size(); ++i) point[compiled.sweep->axes[i]] = one.values[i];
    record["sweep"] = {
        {"name", compiled.sweep->name}, {"run", one.number}, {"point", std::move(point)}};
  }
  const std::string store = store_folder(arguments.store);
  REXP_TRY(store::make_folder(store + "/runs"));
  return store::replace_file(
      record_path(store, run),
      record.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

nlohmann::json numbers(const nlohmann::json& rows) {
  nlohmann::json out = nlohmann::json::array();
  for (const auto& row : rows) {
    nlohmann::json kept = nlohmann::json::object();
    for (const char* name : {"system", "protocol", "split", "seen", "metric", "value"})
      kept[name] = row.at(name);
    out.push_back(std::move(kept));
  }
  return out;
}

}  // namespace rexp::driver
