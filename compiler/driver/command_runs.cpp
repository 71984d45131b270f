#include <unistd.h>

#include <cstdio>
#include <ctime>

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
  const auto values = nlohmann::json::parse(metrics, nullptr, false);
  std::string out;
  if (!values.is_object()) return out;
  for (const auto& [name, value] : values.items()) {
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

}  // namespace

int runs(const std::optional<std::string>& store, int64_t limit, bool json) {
  const std::string path = store_folder(store) + "/runs.db";
  std::vector<store::RunRecord> records;
  if (access(path.c_str(), F_OK) == 0) {
    auto registry = store::RunRegistry::open(path);
    if (!registry) return report(registry.error(), json);
    auto listed = registry->list_runs(limit);
    if (!listed) return report(listed.error(), json);
    records = std::move(*listed);
  }
  if (json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& r : records) {
      list.push_back({{"id", r.id},
                      {"experiment", r.experiment},
                      {"file", r.file},
                      {"started", r.started},
                      {"seconds", r.seconds},
                      {"status", r.status},
                      {"metrics", nlohmann::json::parse(r.metrics.empty() ? "{}" : r.metrics,
                                                        nullptr, false)}});
    }
    print_json({{"runs", list}});
    return kOk;
  }
  if (records.empty()) {
    std::printf("no runs in %s yet\n", store_folder(store).c_str());
    return kOk;
  }
  std::printf("%4s  %-16s  %-11s  %9s  %-20s  %s\n", "run", "started", "status", "seconds",
              "experiment", "metrics");
  for (const auto& r : records) {
    std::printf("%4lld  %-16s  %-11s  %9.1f  %-20s  %s\n", static_cast<long long>(r.id),
                when(r.started).c_str(), r.status.c_str(), r.seconds, r.experiment.c_str(),
                headline(r.metrics).c_str());
  }
  return kOk;
}

}  // namespace rexp::driver
