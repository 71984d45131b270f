// The registry of runs: one SQLite file that many processes append to.
//
//   auto runs = RunRegistry::open(store.root() + "/runs.db");
//   auto id = runs->record_run("quickstart", "examples/quickstart.rexp", R"(["4f0c…"])");
//   runs->finish_run(*id, "ok", 812.4, R"([{"metric": "hit@10", "value": 0.11}])");
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

struct sqlite3;

namespace rexp::store {

struct RunRecord {
  int64_t id = 0;
  std::string experiment;
  std::string file;     // the .rexp file
  int64_t started = 0;  // seconds since 1970, UTC
  double seconds = 0;
  std::string status;   // "running", "ok", "failed", "interrupted"; "lost" when its process of this
                        // machine is gone
  std::string metrics;  // JSON array of numbers, each with what it is of
  std::string keys;     // JSON array of store keys
};

class RunRegistry {
 public:
  /// Creates the file where absent. Errors: a path that cannot be written, a file of another
  /// program.
  static Result<RunRegistry> open(const std::string& path);

  /// A new run of this process, status "running"; returns its id.
  Result<int64_t> record_run(std::string_view experiment, std::string_view file,
                             std::string_view keys_json);
  Status finish_run(int64_t id, std::string_view status, double seconds,
                    std::string_view metrics_json);
  /// One run, if there is one of that id.
  Result<std::optional<RunRecord>> find_run(int64_t id);
  /// The newest `limit` runs, newest first.
  Result<std::vector<RunRecord>> list_runs(int64_t limit = 50);

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  RunRegistry(std::unique_ptr<sqlite3, Close> db, std::string path)
      : db_(std::move(db)), path_(std::move(path)) {}
  /// `which`: the end of a SELECT with one place for a number.
  Result<std::vector<RunRecord>> select_runs(const char* which, int64_t number);

  std::unique_ptr<sqlite3, Close> db_;
  std::string path_;
};

}  // namespace rexp::store
