// A run as the program sees it: the runtime library with a run in it and, where several processes run one experiment together, who
// speaks. Process 0 tells what goes well; of a failure people are told once, by the first process that meets it.
//
//   RunSession session(*launch, options, json);
//   if (const int code = session.open(); code != kOk) return code;
//   if (session.library().. != REXP_OK) return session.failed();
#pragma once

#include <optional>

#include "runtime/base/json.h"

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/driver/runtime_library.h"
#include "runtime/base/result.h"
#include "runtime/group/launch.h"

namespace rexp::driver {

class RunSession {
 public:
  /// `options`: of rexp_rt_open.
  RunSession(group::Launch launch, nlohmann::json options, bool json)
      : launch_(std::move(launch)), options_(std::move(options)), json_(json) {}
  ~RunSession();
  RunSession(const RunSession&) = delete;

  bool alone() const { return launch_.alone(); }
  bool leads() const { return launch_.rank == 0; }
  /// Opens library and run, if that is not done; processes that run together wait for each other here. kOk, or the exit code of a
  /// failure that was told.
  int open();
  const RuntimeLibrary& library() const { return *library_; }
  RexpRun* run() const { return run_; }

  /// Tells of a failure, unless another process does; the exit code.
  int failed(const Error& error);
  int failed(diagnostics::Sink& sink, const source::SourceMap& sources);
  /// Of the failure that the run itself has met, with the status that it gave.
  int failed(int32_t status);

 private:
  std::optional<int> told_elsewhere(int32_t status);

  group::Launch launch_;
  nlohmann::json options_;
  bool json_;
  std::optional<RuntimeLibrary> library_;
  RexpRun* run_ = nullptr;
};

}  // namespace rexp::driver
