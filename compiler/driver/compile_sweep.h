// Every point of a sweep as a plan of its own. Points share what they have in common through the keys of their nodes.
#pragma once

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/plan/front.h"

namespace rexp::driver {

/// Plans the runs of the sweep that was asked for into `front.result.sweep`. Repeat k of a point, from 0, has the seed of its first plus k.
/// Nothing after a diagnostic.
void compile_sweep(plan::Front& front, const plan::CompileOptions& options,
                   diagnostics::Sink& sink);

/// What the run `options.only` of that sweep puts in place of values; nothing after a diagnostic.
std::optional<eval::Settings> settings_of_run(plan::Front& front,
                                              const plan::CompileOptions& options,
                                              diagnostics::Sink& sink);

/// The plan of one experiment; nothing after a diagnostic.
std::optional<plan::Plan> plan_experiment(eval::Evaluator& e, const eval::ExperimentValue& value,
                                          const plan::CompileOptions& options,
                                          diagnostics::Sink& sink);

}  // namespace rexp::driver
