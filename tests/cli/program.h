// The rexp program as a user meets it: a process with arguments, an exit code and two streams.
//
//   Workplace place;                                        // a temporary folder, with a store in it
//   place.write("a.rexp", small_experiment());
//   Outcome run = place.rexp({"run", "a.rexp", "--json"});  // waits for the end
//   EXPECT_EQ(run.code, 0) << run.err;
//   run.json()["metrics"]
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/json.h"

namespace rexp::cli {

/// Of the environment, by name.
using Variables = std::map<std::string, std::string>;

struct Outcome {
  int code = -1;  // exit code; 128 + signal when a signal ended the process
  std::string out, err;
  /// The last line of standard output; discarded when that is no JSON.
  nlohmann::json json() const;
};

/// A started process; `wait` collects it.
class Process {
 public:
  struct Launch {
    std::string program;           // empty: the built one
    std::function<void()> before;  // done in the new process, such as setting limits
  };
  Process(const std::string& folder, const std::vector<std::string>& args,
          const Launch& launch = {});
  Process(const Process&) = delete;
  Process(Process&& other) noexcept;
  ~Process();
  void signal(int number) const;
  bool running();
  Outcome wait();

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  std::string out_path_, err_path_;
};

/// A temporary folder that is the working directory of the program, with the store `store`; removed at the end.
class Workplace {
 public:
  Workplace();
  ~Workplace();
  Workplace(const Workplace&) = delete;
  const std::string& folder() const { return folder_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;
  Outcome rexp(const std::vector<std::string>& args) const;
  Process start(const std::vector<std::string>& args, const Variables& variables = {}) const;
  /// With at most `most` of a resource of getrlimit(2).
  Outcome limited(int resource, uint64_t most, const std::vector<std::string>& args) const;
  /// Another copy of the program.
  Outcome other(const std::string& program, const std::vector<std::string>& args) const;

 private:
  std::string folder_;
};

using Replacements = std::vector<std::pair<std::string, std::string>>;

/// A whole experiment that runs in about a second, with each first string replaced by the second. A string that is not
/// there fails the test.
std::string small_experiment(const Replacements& replacements = {});

/// Names in `folder`, sorted; empty when there is no such folder.
std::vector<std::string> names_in(const std::string& folder);

/// Values of `metrics` rows by "system metric seen".
nlohmann::json metric_values(const Outcome& run);

/// Where the artifact of a node of `run --json` lies; a test without such a node fails.
std::string artifact_of(const Workplace& place, const Outcome& run, const std::string& node);

/// The values of a JSON Lines file.
std::vector<nlohmann::json> json_lines(const std::string& path);

/// Whether a stage in `work`, the store's folder of checkpoints, has the first steps of training in its log.
bool trains(const std::string& work);

/// {node name: state} of `run --json` and `explain --json`.
std::map<std::string, std::string> states(const Outcome& outcome);

bool has_qwen_tokenizer();

}  // namespace rexp::cli
