// The table of contents of the compiler's front half; row functions and the plan become machine code in lower/ and jit/.
#include "compiler/driver/compile.h"

#include "compiler/contracts/contracts.h"
#include "compiler/driver/compile_sweep.h"
#include "compiler/plan/experiment_json.h"
#include "compiler/plan/front.h"

namespace rexp::driver {

namespace {

/// What a run record keeps of an experiment.
void describe(plan::Front& front, const eval::ExperimentValue& value) {
  front.result.value = plan::experiment_json(*front.evaluator, value);
  for (const auto& [name, parameter] : value.parameters)
    front.result.parameters.push_back({name, eval::print(*front.evaluator, parameter)});
}

void compile_experiment(plan::Front& front, const plan::CompileOptions& options,
                        diagnostics::Sink& sink) {
  // eval: the experiment is a value; operations of its run are parts of that value, not deeds.
  const auto value = front.chosen();
  if (!value) return;
  // contracts: once more, as this experiment has the overrides in it.
  contracts::check_experiment(*front.evaluator, front.typed, front.experiment(), *value,
                              /*run=*/!options.check_only);
  if (sink.has_errors() || options.check_only) return;
  describe(front, *value);
  // plan: values become drafts of nodes, equal values once; drafts become nodes with keys.
  front.result.plan = plan_experiment(*front.evaluator, *value, options, sink);
}

}  // namespace

plan::CompileResult compile(source::SourceMap& sources, const std::string& file,
                            const plan::CompileOptions& options, diagnostics::Sink& sink) {
  plan::Front front(sources, options, sink);
  // parse: the file and what it imports become trees.
  if (!front.load(file)) return front.result;
  // check: everything is typed before anything is evaluated, so that values are what their types say.
  if (!front.check()) return front.result;
  const bool whole = options.check_only && options.overrides.empty() && options.experiment.empty();
  if (!whole && !front.choose(file)) return front.result;
  // Overrides and axes are part of the program from here on.
  if (!front.assign()) return front.result;
  // eval, contracts: what only values show, of every declaration, sweep and experiment.
  const bool sound = front.judge();
  if (sound && options.pedantic)
    contracts::suspect_everything(*front.evaluator, front.typed, front.everything);
  const bool sweeps = !front.result.asked_sweep.empty() && !options.check_only;
  if (sound && sweeps) {
    compile_sweep(front, options, sink);
  } else if (sound && !whole) {
    compile_experiment(front, options, sink);
  }
  front.result.ok = !sink.has_errors();
  return front.result;
}

}  // namespace rexp::driver
