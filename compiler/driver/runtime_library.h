// The runtime, opened when a command needs tensors: linking LibTorch costs a quarter of a second at every start, so `check`,
// `explain` and `render` never pay it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/jit/jit.h"
#include "runtime/abi/library.h"
#include "runtime/base/json.h"
#include "runtime/base/result.h"

namespace rexp::driver {

class RuntimeLibrary {
 public:
  /// dlopen; errors: not there, of another build.
  static Result<RuntimeLibrary> open();

  /// `rexp_rt_<kind>` of every kind in nodes.def.
  const std::vector<jit::Symbol>& node_entries() const { return nodes_; }

  RexpRun* open_run(const nlohmann::json& options) const { return open_(options.dump().c_str()); }
  void close_run(RexpRun* run) const { close_(run); }
  nlohmann::json error(const RexpRun* run) const;
  /// The exit status of the process that tells people of a failure, REXP_OK when this one is to.
  int32_t told_elsewhere(RexpRun* run, int32_t status) const { return told_(run, status); }
  nlohmann::json outcomes(RexpRun* run) const { return nlohmann::json::parse(outcomes_(run)); }
  /// Lines of the command's standard output go to ours.
  int32_t command(RexpRun* run, const std::string& name, const nlohmann::json& args) const;
  /// From now on Ctrl-C asks the running node to stop; a second one ends the process. `aloud`: says so.
  void catch_interrupts(bool aloud) const;

 private:
  decltype(&rexp_rt_open) open_ = nullptr;
  decltype(&rexp_rt_close) close_ = nullptr;
  decltype(&rexp_rt_error) error_ = nullptr;
  decltype(&rexp_rt_told_elsewhere) told_ = nullptr;
  decltype(&rexp_rt_outcomes) outcomes_ = nullptr;
  decltype(&rexp_rt_interrupt) interrupt_ = nullptr;
  decltype(&rexp_rt_command) command_ = nullptr;
  std::vector<jit::Symbol> nodes_;
};

}  // namespace rexp::driver
