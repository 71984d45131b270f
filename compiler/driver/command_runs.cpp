#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "runtime/store/runs.h"

namespace rexp::driver {

namespace {

std::string when(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  localtime_r(&time, &parts);
  char out[32];
  std::strftime(out, sizeof out, "%Y-%m-%d %H:%M", &parts);
  return out;
}

std::string headline(const std::string& metrics) {
  const auto values = parse_own_json(metrics);
  std::string out;
  if (!values || !values->is_object()) return out;
  for (const auto& [name, value] : values->items()) {
    char number[64];
    if (value.is_number()) {
      std::snprintf(number, sizeof number, "%.4f", value.get<double>());
    } else {
      std::snprintf(number, sizeof number, "%s", value.dump().c_str());
    }
    out += (out.empty() ? "" : "  ") + name + " " + number;
  }
  return out;
}

struct RunsArguments {
  std::optional<std::string> store;
  int64_t limit = 20;
  bool json = false;
};

/// Newest first; none where the store has no runs yet.
Result<std::vector<store::RunRecord>> records(const RunsArguments& arguments) {
  const std::string path = store_folder(arguments.store) + "/runs.db";
  if (access(path.c_str(), F_OK) != 0) return std::vector<store::RunRecord>{};
  auto registry = store::RunRegistry::open(path);
  if (!registry) return registry.error();
  return registry->list_runs(arguments.limit);
}

nlohmann::json to_json(const std::vector<store::RunRecord>& records) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& r : records) {
    const auto metrics = parse_own_json(r.metrics);
    list.push_back({{"id", r.id},
                    {"experiment", r.experiment},
                    {"file", r.file},
                    {"started", r.started},
                    {"seconds", r.seconds},
                    {"status", r.status},
                    {"metrics", metrics ? *metrics : nlohmann::json::object()}});
  }
  return {{"runs", std::move(list)}};
}

void print(const std::vector<store::RunRecord>& records) {
  std::printf("%4s  %-16s  %-11s  %9s  %-20s  %s\n", "run", "started", "status", "seconds",
              "experiment", "metrics");
  for (const auto& r : records) {
    std::printf("%4lld  %-16s  %-11s  %9.1f  %-20s  %s\n", static_cast<long long>(r.id),
                when(r.started).c_str(), r.status.c_str(), r.seconds, r.experiment.c_str(),
                headline(r.metrics).c_str());
  }
}

int runs(const RunsArguments& arguments) {
  const auto found = records(arguments);
  if (!found) return report(found.error(), arguments.json);
  if (arguments.json) {
    print_json(to_json(*found));
  } else if (found->empty()) {
    std::printf("no runs in %s yet\n", store_folder(arguments.store).c_str());
  } else {
    print(*found);
  }
  return kOk;
}

}  // namespace

void add_runs(Command& program) {
  auto arguments = std::make_shared<RunsArguments>();
  Command command = program.command("runs", "list runs, newest first");
  add_store_option(command, arguments->store);
  command.count("--limit", arguments->limit, 1, "how many");
  add_json_option(command, arguments->json);
  command.does([arguments] { return runs(*arguments); });
}

}  // namespace rexp::driver
