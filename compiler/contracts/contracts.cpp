#include "compiler/contracts/contracts.h"

#include <algorithm>

namespace rexp::contracts {
using check::ModuleId;
using diagnostics::Kind;

namespace {

Subject subject_of(Evaluator& e, check::Typed& typed, const std::vector<Value>& roots) {
  Subject s{e, typed, {}, {}};
  Walk walk([&](const Value& value) { s.values.push_back(value); });
  for (const Value& root : roots) walk(root);
  return s;
}

void check_values(Subject& s) {
  check_components(s);
  check_sources(s);
  check_splits(s);
  check_choices(s);
  check_hybrids(s);
  check_mixtures(s);
  check_lengths(s);
  check_tokens(s);
  check_surfaces(s);
  check_clashes(s);
  check_windows(s);
  check_new_rows(s);
  check_folders(s);
  check_level_weights(s);
  check_losses_of_ids(s);
  check_protocols(s);
  check_histories(s);
}

/// What is not there yet is said of programs that are right.
void check_runs(Subject& s) {
  if (!s.e.program.sink.has_errors()) check_fields(s);
}

/// Everything an experiment has made: what nothing uses is wrong all the same.
void add_values(const eval::ExperimentValue& experiment, std::vector<Value>* roots) {
  for (const auto& [name, parameter] : experiment.parameters) roots->push_back(parameter);
  roots->insert(roots->end(), experiment.locals.begin(), experiment.locals.end());
  for (const auto& [name, output] : experiment.outputs) roots->push_back(output);
}

std::vector<Value> roots_of(const eval::Everything& everything) {
  std::vector<Value> roots = everything.values;
  for (const auto& [symbol, value] : everything.experiments) add_values(value, &roots);
  return roots;
}

/// Whether an output is something that the run makes.
bool makes_something(Program& program, const Value& value) {
  if (const auto* list = value.shared<eval::List>()) {
    return std::any_of(list->elements.begin(), list->elements.end(),
                       [&](const Value& element) { return makes_something(program, element); });
  }
  return value.shared<Made>() != nullptr || is(program, value, Known::Model);
}

void check_outputs(Evaluator& e, Symbol symbol, const eval::ExperimentValue& value) {
  for (const auto& [name, output] : value.outputs) {
    if (makes_something(e.program, output)) return;
  }
  auto& error = e.program.sink.add(Kind::nothing_to_run, e.program.decl(symbol).name.span,
                                   "experiment `" + value.name + "` makes nothing to run");
  error.help = value.outputs.empty()
                   ? "name what it is for: `accuracy = base |> learn |> evaluate(last_one)`"
                   : "an output is a model, a recommender, scores, rows, or a list of them";
}

}  // namespace

std::vector<Symbol> blocks_of(Program& program, Known which) {
  std::vector<Symbol> out;
  for (const Symbol symbol : program.user_declarations()) {
    const auto* block = std::get_if<ast::BlockDecl>(&program.decl(symbol).node);
    if (block == nullptr) continue;
    const auto type = program.kind(block->kind.text);
    if (type && program.is(*type, which)) out.push_back(symbol);
  }
  return out;
}

std::vector<Value> declared_values(Evaluator& e) {
  const auto has_value = [&](const ast::Decl& decl) {
    if (std::holds_alternative<ast::LetDecl>(decl.node)) return true;
    const auto* block = std::get_if<ast::BlockDecl>(&decl.node);
    if (block == nullptr || block->has_parameters) return false;
    const auto type = e.program.kind(block->kind.text);
    return type && !e.program.is(*type, Known::Experiment) && !e.program.is(*type, Known::Sweep);
  };
  std::vector<Value> values;
  for (const Symbol symbol : e.program.user_declarations()) {
    if (!has_value(e.program.decl(symbol))) continue;
    if (eval::Maybe value = eval::evaluate_declaration(e, symbol))
      values.push_back(std::move(*value));
  }
  return values;
}

void check_everything(Evaluator& e, check::Typed& typed, const eval::Everything& everything) {
  for (const auto& [symbol, value] : everything.experiments) check_outputs(e, symbol, value);
  Subject subject = subject_of(e, typed, roots_of(everything));
  check_values(subject);
  check_counted(e);
  check_sweeps(e, typed, everything.sweeps);
  check_runs(subject);
}

void suspect_everything(Evaluator& e, check::Typed& typed, const eval::Everything& everything) {
  Subject subject = subject_of(e, typed, roots_of(everything));
  check_suspicions(subject);
}

void check_experiment(Evaluator& e, check::Typed& typed, Symbol symbol,
                      const eval::ExperimentValue& value, bool run) {
  check_outputs(e, symbol, value);
  std::vector<Value> roots;
  add_values(value, &roots);
  Subject subject = subject_of(e, typed, roots);
  check_values(subject);
  if (run) check_runs(subject);
}

}  // namespace rexp::contracts
