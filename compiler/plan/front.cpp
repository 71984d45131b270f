#include "compiler/plan/front.h"

#include <algorithm>
#include <filesystem>

#include "compiler/contracts/contracts.h"
#include "compiler/plan/lower.h"
#include "compiler/plan/overrides.h"

namespace rexp::plan {
using check::Known;
using check::Symbol;
using diagnostics::Kind;

namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> names_of(const check::Program& program,
                                  const std::vector<Symbol>& symbols) {
  std::vector<std::string> names;
  for (const Symbol symbol : symbols) {
    if (symbol.module == program.main()) names.push_back(program.decl(symbol).name.text);
  }
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

Front::Front(source::SourceMap& sources, const CompileOptions& options, diagnostics::Sink& sink)
    : program(sources, sink, options.stdlib_dir), options_(options), sink_(sink) {}

bool Front::load(const std::string& file) {
  if (!program.load(file)) return false;
  result.experiments = names_of(program, contracts::blocks_of(program, Known::Experiment));
  result.sweeps = names_of(program, contracts::blocks_of(program, Known::Sweep));
  for (check::ModuleId id = 0; id < program.module_count(); ++id) {
    const check::LoadedModule& module = program.module(id);
    if (!module.standard)
      result.program.push_back({module.path, std::string(program.sources.text(module.tree.file))});
  }
  for (const Symbol symbol : program.user_declarations()) {
    const ast::Decl& decl = program.decl(symbol);
    if (std::holds_alternative<ast::TemplateDecl>(decl.node))
      result.templates.push_back(decl.name.text);
  }
  return true;
}

bool Front::check() {
  typed = check::check_program(program);
  return !sink_.has_errors();
}

bool Front::choose(const std::string& file) {
  const std::vector<std::string>& all = result.experiments;
  const std::string& asked = options_.experiment;
  const std::string stem = std::filesystem::path(file).stem().string();
  if (!asked.empty() && has(all, asked)) {
    result.experiment = asked;
  } else if (!asked.empty() && has(result.sweeps, asked)) {
    result.asked_sweep = asked;
    result.experiment = check::swept_experiment(program, sweep());
  } else if (!asked.empty()) {
    sink_.add(Kind::unknown_name, {},
              "no experiment `" + asked + "` in " + file + check::did_you_mean(asked, all));
  } else if (all.size() == 1) {
    result.experiment = all[0];
  } else if (has(all, stem)) {
    result.experiment = stem;
  } else if (all.empty()) {
    sink_.add(Kind::unknown_name, {}, "there is no experiment in " + file);
  } else {
    sink_
        .add(Kind::unknown_name, {},
             std::to_string(all.size()) + " experiments are in " + file + ", one has to be named")
        .help = "one of: " + listed(all);
  }
  return !result.experiment.empty();
}

bool Front::assign() {
  eval::Settings settings;
  settings.experiment = result.experiment;
  settings.package_seed = options_.package_seed;
  for (const std::string& text : options_.overrides) {
    const auto assignment = read_override(text, program);
    if (assignment && check::check_assignment(program, typed, result.experiment, *assignment))
      settings.assignments.push_back(*assignment);
  }
  if (sink_.has_errors()) return false;
  evaluator.emplace(program, typed, std::move(settings));
  return true;
}

bool Front::judge() {
  everything = eval::evaluate_everything(*evaluator);
  contracts::check_everything(*evaluator, typed, everything);
  if (sink_.has_errors()) return false;
  // What the runtime cannot do is said before anyone starts a run.
  for (const auto& [symbol, value] : everything.experiments) {
    Lowering lowering{*evaluator, value.name, value.seed};
    lower_report(lowering, value);
  }
  return !sink_.has_errors();
}

Symbol Front::experiment() const {
  return program.lookup(program.main(), result.experiment).value_or(Symbol{});
}

Symbol Front::sweep() const {
  return program.lookup(program.main(), result.asked_sweep).value_or(Symbol{});
}

std::optional<eval::ExperimentValue> Front::chosen() {
  for (const auto& [symbol, value] : everything.experiments) {
    if (symbol == experiment()) return value;
  }
  return eval::evaluate_experiment(*evaluator, experiment());
}

}  // namespace rexp::plan
