// The front half of the compiler, phase by phase: what driver/compile.cpp, `render_target` and `rexp eval` share.
//
//   Front front(sources, options, sink);
//   if (!front.load(file) || !front.check()) …       names, types, labels: errors stand in the sink
//   front.choose(file); front.assign(); front.judge();
//   front.chosen()
//
// Each step returns false after an error; the next one must not be taken then.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/eval/eval.h"
#include "compiler/plan/options.h"

namespace rexp::plan {

class Front {
 public:
  Front(source::SourceMap& sources, const CompileOptions& options, diagnostics::Sink& sink);

  /// Reads a file and what it imports.
  bool load(const std::string& file);
  /// Names, types, labels and worlds of every module.
  bool check();
  /// The experiment that was asked for, or the one that is meant when none was; a sweep chooses the one that it varies.
  bool choose(const std::string& file);
  /// Reads and checks `--set`, and makes the evaluator.
  bool assign();
  /// Evaluates everything, and holds it to every requirement and contract.
  bool judge();

  check::Program program;
  check::Typed typed;
  std::optional<eval::Evaluator> evaluator;
  eval::Everything everything;  // since `judge`
  CompileResult result;         // what the program declares

  /// The declaration of the chosen experiment.
  check::Symbol experiment() const;
  /// The declaration of the sweep that was asked for.
  check::Symbol sweep() const;
  /// Its value; nothing after a message, where a parameter was not given.
  std::optional<eval::ExperimentValue> chosen();

 private:
  const CompileOptions& options_;
  diagnostics::Sink& sink_;
};

}  // namespace rexp::plan
