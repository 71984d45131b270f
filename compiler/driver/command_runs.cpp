#include <unistd.h>

#include <algorithm>
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

/// Of the first system under the first protocol: hit@10 and ndcg@10, else its first metric, under each treatment of seen items.
std::string headline(const std::string& metrics) {
  const auto parsed = parse_own_json(metrics);
  if (!parsed || !parsed->is_array() || parsed->empty()) return "";
  const nlohmann::json& first = parsed->front();
  const auto of_first = [&](const nlohmann::json& row) {
    return row["system"] == first["system"] && row["protocol"] == first["protocol"] &&
           row["split"] == first["split"];
  };
  const auto usual = [](const nlohmann::json& row) {
    return row["metric"] == "hit@10" || row["metric"] == "ndcg@10";
  };
  const bool has_usual =
      std::any_of(parsed->begin(), parsed->end(),
                  [&](const nlohmann::json& row) { return of_first(row) && usual(row); });
  std::string out;
  for (const nlohmann::json& row : *parsed) {
    if (!of_first(row) || !(has_usual ? usual(row) : row["metric"] == first["metric"])) continue;
    char number[64];
    std::snprintf(number, sizeof number, "%.4f", row["value"].get<double>());
    out += (out.empty() ? "" : "  ") + row["metric"].get<std::string>() + " " +
           row["seen"].get<std::string>() + " " + number;
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
    list.push_back(
        {{"id", r.id},
         {"experiment", r.experiment},
         {"file", r.file},
         {"started", r.started},
         {"seconds", r.seconds},
         {"status", r.status},
         {"metrics", metrics && metrics->is_array() ? *metrics : nlohmann::json::array()}});
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
