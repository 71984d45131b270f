// What a run was: `rexp show 12`.
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "compiler/driver/run_record.h"
#include "runtime/store/file.h"
#include "runtime/store/runs.h"
#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

using nlohmann::ordered_json;

struct ShowArguments {
  int64_t run = 0;
  std::optional<std::string> store;
  bool program = false, json = false;
};

std::string iso_time(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char out[32];
  std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return out;
}

Error unknown_run(int64_t run, const std::string& store) {
  return user_error("there is no run " + std::to_string(run) + " in " + store,
                    "`rexp runs` lists them");
}

/// The registry's line and the record beside it, as one object.
Result<ordered_json> described(const ShowArguments& arguments, const std::string& store) {
  const std::string path = store + "/runs.db";
  if (access(path.c_str(), F_OK) != 0) return unknown_run(arguments.run, store);
  auto registry = store::RunRegistry::open(path);
  if (!registry) return registry.error();
  const auto run = registry->find_run(arguments.run);
  if (!run) return run.error();
  if (!run->has_value()) return unknown_run(arguments.run, store);
  const auto text = store::read_file(record_path(store, arguments.run));
  if (!text) return text.error();
  ordered_json record = ordered_json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!record.is_object())
    return file_error(record_path(store, arguments.run), 0, "this is no record of a run");
  record["experiment"] = (*run)->experiment;
  record["status"] = (*run)->status;
  record["started"] = iso_time((*run)->started);
  record["seconds"] = (*run)->seconds;
  return record;
}

/// Key of the report of a run.
std::string report_of(const ordered_json& record) {
  for (const auto& node : record.at("nodes")) {
    if (node.at("kind") == "report") return node.at("key");
  }
  return "";
}

/// What was measured and in what it was made, where the report is still in the store.
void add_results(const std::string& root, ordered_json* record) {
  const std::string key = report_of(*record);
  const auto store = store::Store::existing(root);
  if (!store || !store->has(key)) return;
  std::string made = key;  // a training knows best what it was made in
  for (const auto& node : record->at("nodes")) {
    if (node.at("kind") == "train" && store->has(node.at("key").get<std::string>()))
      made = node.at("key");
  }
  if (const auto meta = store->meta(made); meta.ok()) (*record)["made"] = meta->made;
  const auto text = store::read_file(store->path(key) + "/metrics.json");
  if (!text) return;
  const auto metrics = ordered_json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!metrics.is_object()) return;
  (*record)["metrics"] = metrics.value("rows", ordered_json::array());
  (*record)["report"] = store->path(key) + "/report.html";
}

std::string words(const ordered_json& list) {
  std::string out;
  for (const auto& word : list) {
    const std::string text = word;
    const bool plain = text.find_first_of(" \"'$\\") == std::string::npos && !text.empty();
    out += (out.empty() ? "" : " ") + (plain ? text : "'" + text + "'");
  }
  return out;
}

void line(const char* name, const std::string& text) {
  if (!text.empty()) std::printf("  %-10s  %s\n", name, text.c_str());
}

std::string pairs(const ordered_json& object) {
  std::string out;
  for (const auto& [name, value] : object.items()) {
    out += (out.empty() ? "" : ", ") + name + " " +
           (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return out;
}

void print(const ordered_json& record, const std::string& root) {
  const ordered_json& value = record.at("value");
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f s", record.at("seconds").get<double>());
  std::printf("run %lld   %s, %s, %s, %s\n", record.at("run").get<long long>(),
              record.at("experiment").get<std::string>().c_str(),
              record.at("status").get<std::string>().c_str(),
              record.at("started").get<std::string>().c_str(), seconds);
  line("command", words(record.value("command", ordered_json::array())));
  line("file", record.at("file"));
  line("set", words(record.at("set")));
  if (record.contains("sweep")) {
    const ordered_json& sweep = record["sweep"];
    line("sweep", sweep.at("name").get<std::string>() + ", run " +
                      std::to_string(sweep.at("run").get<int64_t>()) + ": " +
                      pairs(sweep.at("point")));
  }
  line("seed", value.at("seed").dump());
  line("rexp", record.at("rexp"));
  line("made in", pairs(record.value("made", ordered_json::object())));
  for (const auto& node : record.at("nodes")) {
    const std::string kind = node.at("kind");
    if (kind == "load" || kind == "codebook" || kind == "model")
      line(kind.c_str(),
           node.at("name").get<std::string>() + "  " + node.at("key").get<std::string>());
  }
  const auto table =
      store::read_file(store::artifact_folder(root, report_of(record)) + "/table.txt");
  if (table) {
    std::printf("\n%s\nreport: %s\n", table->c_str(), record.value("report", "").c_str());
  } else {
    std::printf("\nits report is not in the store any more: the same command makes it again\n");
  }
}

int show(const ShowArguments& arguments) {
  if (arguments.run == 0)
    return report(
        user_error("which run is not said", "name one: `rexp show 12`; `rexp runs` lists them"),
        arguments.json);
  const std::string root = store_folder(arguments.store);
  auto record = described(arguments, root);
  if (!record) return report(record.error(), arguments.json);
  add_results(root, &*record);
  if (arguments.json) {
    std::printf("%s\n", record->dump().c_str());
  } else if (arguments.program) {
    const ordered_json files = record->value("program", ordered_json::object());
    for (const auto& [path, text] : files.items())
      std::printf("// %s\n%s\n", path.c_str(), text.get<std::string>().c_str());
  } else {
    print(*record, root);
  }
  return kOk;
}

}  // namespace

void add_show(Command& program) {
  auto arguments = std::make_shared<ShowArguments>();
  Command command = program.command(
      "show", "what a run was: command, seed, data, values put in place, results, program");
  command.count("run", arguments->run, 1, "its number, as `rexp runs` lists it");
  add_store_option(command, arguments->store);
  command.flag("--program", arguments->program, "print the program as it was run");
  add_json_option(command, arguments->json);
  command.does([arguments] { return show(*arguments); });
}

}  // namespace rexp::driver
