#include "compiler/driver/compile_sweep.h"

#include "compiler/contracts/contracts.h"
#include "compiler/plan/build.h"
#include "compiler/plan/experiment_json.h"
#include "compiler/plan/lower.h"
#include "compiler/plan/overrides.h"

namespace rexp::driver {
using diagnostics::Kind;

namespace {

/// The parameter that takes the seed; empty where the experiment has none.
std::string seed_parameter(check::Program& program, check::Symbol experiment) {
  const auto& block = std::get<ast::BlockDecl>(program.decl(experiment).node);
  for (const ast::Parameter& p : block.parameters) {
    if (program.types.kind(program.resolve(experiment.module, p.type)) == check::TypeKind::seed)
      return p.name.text;
  }
  return "";
}

class SweepCompiler {
 public:
  SweepCompiler(plan::Front& front, const plan::CompileOptions& options, diagnostics::Sink& sink)
      : front_(front), options_(options), sink_(sink) {}

  /// What the run `options.only` puts in place.
  std::optional<eval::Settings> settings() {
    const auto sweep = eval::evaluate_sweep(*front_.evaluator, front_.sweep());
    if (!sweep || !has_run(*sweep)) return std::nullopt;
    seed_ = seed_parameter(front_.program, sweep->experiment);
    const int64_t first = (options_.only - 1) / sweep->repeat * sweep->repeat + 1;
    const auto& point = sweep->points[static_cast<size_t>((first - 1) / sweep->repeat)];
    if (options_.only != first && !add_run(*sweep, point, first, nullptr)) return std::nullopt;
    return settings_of(*sweep, point, options_.only);
  }

  void run() {
    const auto sweep = eval::evaluate_sweep(*front_.evaluator, front_.sweep());
    if (!sweep) return;
    plan::SweepPlan out;
    out.name = sweep->name;
    out.axes = sweep->axes;
    out.table = sweep->table;
    out.best = sweep->best;
    seed_ = seed_parameter(front_.program, sweep->experiment);
    if (!has_run(*sweep)) return;
    const int64_t runs = static_cast<int64_t>(sweep->points.size()) * sweep->repeat;
    for (int64_t run = 0; run < runs; ++run) {
      const int64_t repeat = run % sweep->repeat;
      const bool wanted = options_.only == 0 || options_.only == run + 1;
      const auto& point = sweep->points[static_cast<size_t>(run / sweep->repeat)];
      if ((wanted || repeat == 0) && !add_run(*sweep, point, run + 1, wanted ? &out : nullptr))
        return;
    }
    front_.result.sweep = std::move(out);
  }

 private:
  bool has_run(const eval::SweepValue& sweep) {
    const int64_t runs = static_cast<int64_t>(sweep.points.size()) * sweep.repeat;
    if (options_.only <= runs) return true;
    sink_.add(Kind::bad_override, {},
              "`--only " + std::to_string(options_.only) + "`: sweep `" + sweep.name + "` has " +
                  std::to_string(runs) + (runs == 1 ? " run" : " runs"));
    return false;
  }

  /// The first repeat of a point has the seed that it has by itself; it comes before the others.
  std::optional<eval::Settings> settings_of(const eval::SweepValue& sweep,
                                            const std::vector<eval::Assigned>& point,
                                            int64_t number) {
    const int64_t repeat = (number - 1) % sweep.repeat;
    eval::Settings settings = front_.evaluator->settings;
    settings.assignments.insert(settings.assignments.begin(), point.begin(), point.end());
    settings.axes = point.size();
    if (repeat == 0) {
      first_seed_ = std::nullopt;
      return settings;
    }
    const auto seed = assigned_seed(*first_seed_ + static_cast<uint64_t>(repeat));
    if (!seed) return std::nullopt;
    settings.assignments.push_back(*seed);
    return settings;
  }

  /// Run `number`, from 1. `out` may be null: then the seed of the point's first is all that is wanted.
  bool add_run(const eval::SweepValue& sweep, const std::vector<eval::Assigned>& point,
               int64_t number, plan::SweepPlan* out) {
    auto settings = settings_of(sweep, point, number);
    if (!settings) return false;
    eval::Evaluator evaluator(front_.program, front_.typed, std::move(*settings));
    const auto value = eval::evaluate_experiment(evaluator, sweep.experiment);
    if (!value) return false;
    if (!first_seed_) first_seed_ = value->seed;
    if (out == nullptr) return true;
    contracts::check_experiment(evaluator, front_.typed, sweep.experiment, *value, /*run=*/true);
    if (sink_.has_errors()) return false;
    auto plan = plan_experiment(evaluator, *value, options_, sink_);
    if (!plan) return false;
    plan::SweepRun made;
    for (const eval::Assigned& axis : point) {
      auto text = eval::written(evaluator, axis);
      if (!text) return false;
      made.values.push_back(std::move(*text));
    }
    made.seed = value->seed;
    for (const auto& [name, parameter] : value->parameters)
      made.parameters.push_back({name, eval::print(evaluator, parameter)});
    made.value = plan::experiment_json(evaluator, *value);
    made.plan = std::move(*plan);
    made.number = number;
    made.point = (number - 1) / sweep.repeat;
    out->runs.push_back(std::move(made));
    return true;
  }

  /// `seed=8`, read once for all points.
  std::optional<eval::Assigned> assigned_seed(uint64_t seed) {
    const auto at = seeds_.find(seed);
    if (at != seeds_.end()) return at->second;
    const auto read =
        plan::read_override(seed_ + "=" + std::to_string(seed), front_.program, "repeat");
    if (!read ||
        !check::check_assignment(front_.program, front_.typed, front_.result.experiment, *read))
      return std::nullopt;
    return seeds_[seed] = *read;
  }

  plan::Front& front_;
  const plan::CompileOptions& options_;
  diagnostics::Sink& sink_;
  std::string seed_;
  std::optional<uint64_t> first_seed_;  // of the point whose repeats are made
  std::map<uint64_t, eval::Assigned> seeds_;
};

}  // namespace

std::optional<plan::Plan> plan_experiment(eval::Evaluator& e, const eval::ExperimentValue& value,
                                          const plan::CompileOptions& options,
                                          diagnostics::Sink& sink) {
  plan::Lowering lowering{e, value.name, value.seed};
  const auto report = plan::lower_report(lowering, value);
  if (!report) return std::nullopt;
  auto built =
      plan::build_plan(lowering.drafts, {*report}, options.catalog, e.program.sources, sink);
  if (!built) return std::nullopt;
  built->plan.experiment = value.name;
  built->plan.report = built->place[static_cast<size_t>(*report)];
  return std::move(built->plan);
}

std::optional<eval::Settings> settings_of_run(plan::Front& front,
                                              const plan::CompileOptions& options,
                                              diagnostics::Sink& sink) {
  return SweepCompiler(front, options, sink).settings();
}

void compile_sweep(plan::Front& front, const plan::CompileOptions& options,
                   diagnostics::Sink& sink) {
  SweepCompiler(front, options, sink).run();
}

}  // namespace rexp::driver
