// The table of contents of the front half.
#include "compiler/plan/compile.h"

#include "compiler/contracts/contracts.h"
#include "compiler/plan/build.h"
#include "compiler/plan/experiment_json.h"
#include "compiler/plan/front.h"
#include "compiler/plan/lower.h"

namespace rexp::plan {

namespace {

/// The experiment as a value, and as the plan that makes it.
void plan_experiment(Front& front, const CompileOptions& options, diagnostics::Sink& sink) {
  CompileResult& result = front.result;
  const auto value = eval::evaluate_experiment(*front.evaluator, front.experiment());
  if (!value) return;
  contracts::check_experiment(*front.evaluator, front.typed, front.experiment(), *value,
                              /*run=*/!options.check_only);
  if (sink.has_errors() || options.check_only) return;
  result.value = experiment_json(*front.evaluator, *value);
  for (const auto& [name, parameter] : value->parameters)
    result.parameters.push_back({name, eval::print(*front.evaluator, parameter)});

  Lowering lowering{*front.evaluator, value->name, value->seed};
  const auto report = lower_report(lowering, *value);
  if (!report) return;
  auto built = build_plan(lowering.drafts, {*report}, options.catalog, front.program.sources, sink);
  if (!built) return;
  built->plan.experiment = value->name;
  built->plan.report = built->place[static_cast<size_t>(*report)];
  result.plan = std::move(built->plan);
}

}  // namespace

CompileResult compile(source::SourceMap& sources, const std::string& file,
                      const CompileOptions& options, diagnostics::Sink& sink) {
  Front front(sources, options, sink);
  if (!front.load(file)) return front.result;
  // Everything is typed before anything is evaluated, so that values are what their types say.
  if (!front.check()) return front.result;
  const bool whole = options.check_only && options.overrides.empty() && options.experiment.empty();
  if (!whole && !front.choose(file)) return front.result;
  // Overrides and axes are part of the program from here on.
  if (!front.assign()) return front.result;
  // What only values show: requirements, contracts, what the runtime cannot do.
  const bool sound = front.judge();
  if (sound && !whole) plan_experiment(front, options, sink);
  front.result.ok = !sink.has_errors();
  return front.result;
}

}  // namespace rexp::plan
