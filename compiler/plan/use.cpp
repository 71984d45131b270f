#include "compiler/plan/use.h"

#include <algorithm>

#include "compiler/contracts/contracts.h"
#include "compiler/contracts/questions.h"

namespace rexp::plan {
using check::Symbol;
using eval::Intrinsic;

namespace {

bool applies(const std::vector<Symbol>& templates, const Wanted& wanted) {
  return std::ranges::find(templates, wanted.template_symbol) != templates.end();
}

/// The first part of a task that applies the template.
std::optional<Use> use_in_task(const eval::Task& task, const std::string& name,
                               const Wanted& wanted) {
  for (size_t i = 0; i < task.parts.size(); ++i) {
    if (!applies(task.parts[i].templates, wanted)) continue;
    if (!wanted.in.empty() && wanted.in != name && wanted.in != part_name(name, i)) continue;
    Use use;
    use.name = name;
    use.part_name = part_name(name, i);
    use.part = task.parts[i];
    use.templates = use.part.templates;
    return use;
  }
  return std::nullopt;
}

/// The first task of a stage that applies the template.
std::optional<Use> use_in_stage(Lowering& l, const Value& value, const Made& made,
                                const Wanted& wanted) {
  const Value& data = contracts::field(l.program(), contracts::stage_of(made), "data");
  std::optional<Use> use;
  if (const auto* task = data.shared<eval::Task>())
    use = use_in_task(*task, task_name(*task), wanted);
  const auto* mixture = data.shared<eval::Mixture>();
  for (size_t i = 0; !use && mixture != nullptr && i < mixture->entries.size(); ++i)
    use = use_in_task(*mixture->entries[i].task, mixture->entries[i].name, wanted);
  if (!use) return std::nullopt;
  use->as = As::train;
  use->seed = l.seed;
  use->made = value;
  return use;
}

std::optional<Use> use_in_evaluation(Lowering& l, const Value& value, const Made& made,
                                     const Wanted& wanted) {
  if (contracts::models_in(l.e, contracts::argument(made, "system")).empty()) return std::nullopt;
  const auto* protocol = contracts::argument(made, "protocol").shared<Record>();
  if (!wanted.in.empty() && wanted.in != protocol->name) return std::nullopt;
  const auto* wording = contracts::field(l.program(), *protocol, "ask").as<eval::TemplateRef>();
  Use use;
  if (wording != nullptr) {
    use.templates = {wording->symbol};
  } else if (const auto prompt = contracts::make_prompt(l.e, *protocol)) {
    use.templates = prompt->templates;
  }
  if (!applies(use.templates, wanted)) return std::nullopt;
  use.as = As::ask;
  use.seed = l.seed;
  use.made = value;
  use.name = protocol->name;
  return use;
}

std::optional<Use> use_in_experiment(eval::Evaluator& e, Symbol symbol, const Wanted& wanted,
                                     As as) {
  if (!eval::has_all_parameters(e, symbol)) return std::nullopt;
  const auto experiment = eval::evaluate_experiment(e, symbol);
  if (!experiment) return std::nullopt;
  Lowering l{e, experiment->name, experiment->seed};
  std::optional<Use> found;
  contracts::Walk walk([&](const Value& value) {
    const auto* made = value.shared<Made>();
    if (found || made == nullptr) return;
    if (as == As::train && contracts::is_stage(e, *made))
      found = use_in_stage(l, value, *made, wanted);
    if (as == As::ask && contracts::is(e, *made, Intrinsic::evaluate))
      found = use_in_evaluation(l, value, *made, wanted);
  });
  for (const auto& [name, output] : experiment->outputs) walk(output);
  if (found) found->experiment = symbol;
  return found;
}

/// A task that no experiment trains on.
std::optional<Use> use_in_any_task(eval::Evaluator& e, const Wanted& wanted) {
  for (const Value& value : contracts::declared_values(e)) {
    const auto* task = value.shared<eval::Task>();
    auto use = task == nullptr ? std::nullopt : use_in_task(*task, task->name, wanted);
    if (use) return use;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Use> find_use(eval::Evaluator& e, const std::vector<Symbol>& experiments,
                            const Wanted& wanted) {
  for (const As role : {As::train, As::ask}) {
    if (wanted.as != As::any && wanted.as != role) continue;
    for (const Symbol experiment : experiments) {
      if (auto found = use_in_experiment(e, experiment, wanted, role)) return found;
    }
  }
  return wanted.as == As::any ? use_in_any_task(e, wanted) : std::nullopt;
}

std::optional<Symbol> find_template(const check::Program& program, const std::string& name) {
  const std::string last = name.substr(name.rfind('.') + 1);
  for (const Symbol symbol : program.user_declarations()) {
    const ast::Decl& decl = program.decl(symbol);
    if (std::holds_alternative<ast::TemplateDecl>(decl.node) && decl.name.text == last)
      return symbol;
  }
  return std::nullopt;
}

namespace {

bool holds_out(const ast::OneOf& options, const std::string& variant) {
  return std::any_of(options.variants.begin(), options.variants.end(),
                     [&](const ast::Variant& v) { return v.name.text == variant && v.held_out; });
}

bool holds_out(const ast::Module& tree, const std::vector<ast::TurnId>& turns,
               const std::string& variant) {
  return std::any_of(turns.begin(), turns.end(), [&](ast::TurnId id) {
    const auto& node = tree[id].node;
    if (const auto* said = std::get_if<ast::Turn::Said>(&node)) {
      const auto* options = std::get_if<ast::OneOf>(&said->content);
      return options != nullptr && holds_out(*options, variant);
    }
    if (const auto* choice = std::get_if<ast::Turn::Choice>(&node))
      return holds_out(choice->options, variant);
    if (const auto* loop = std::get_if<ast::Turn::ForEach>(&node))
      return holds_out(tree, loop->body, variant);
    const auto& branch = std::get<ast::Turn::If>(node);
    return holds_out(tree, branch.then, variant) || holds_out(tree, branch.otherwise, variant);
  });
}

}  // namespace

bool is_held_out(const check::Program& program, Symbol template_symbol,
                 const std::string& variant) {
  const auto& wording = std::get<ast::TemplateDecl>(program.decl(template_symbol).node);
  return holds_out(program.module(template_symbol.module).tree, wording.turns, variant);
}

}  // namespace rexp::plan
