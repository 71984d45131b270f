// Experiments: the outermost functions. Evaluated with their parameters in place, they are values: what they name and how it is made.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

const ast::BlockDecl* experiment_block(const check::Program& program, Symbol symbol) {
  return std::get_if<ast::BlockDecl>(&program.decl(symbol).node);
}

bool read_parameters(Evaluator& e, const ast::BlockDecl& block, ExperimentValue& out,
                     Scope* scope) {
  for (const ast::Parameter& p : block.parameters) {
    Maybe value;
    const bool assigned = is_assigned_parameter(e, p.name.text);
    if (p.initial) {
      value = evaluate(e, {scope->module, nullptr, nullptr}, *p.initial);
      if (!value) return false;
    }
    if (assigned) value = assigned_parameter(e, p.name.text, std::move(value));
    if (!value && assigned) return false;
    if (!value) {
      report(e, Kind::missing_field, p.name.span,
             "experiment `" + out.name + "` needs a value for `" + p.name.text + "`")
          .help = "give it a default, or pass `--set " + p.name.text + "=…`";
      return false;
    }
    const TypeId type = e.program.resolve(scope->module, p.type);
    const auto* seed = value->as<int64_t>();
    if (e.program.types.kind(type) == TypeKind::seed && seed != nullptr)
      out.seed = static_cast<uint64_t>(*seed);
    scope->names = bind_name(scope->names, p.name.text, *value);
    out.parameters.emplace_back(p.name.text, std::move(*value));
  }
  return true;
}

}  // namespace

bool has_all_parameters(const Evaluator& e, Symbol experiment) {
  const auto* block = experiment_block(e.program, experiment);
  return block != nullptr && std::all_of(block->parameters.begin(), block->parameters.end(),
                                         [&](const ast::Parameter& p) {
                                           return p.initial ||
                                                  is_assigned_parameter(e, p.name.text);
                                         });
}

std::optional<ExperimentValue> evaluate_experiment(Evaluator& e, Symbol symbol) {
  const auto* block = experiment_block(e.program, symbol);
  const auto* body = block == nullptr ? nullptr : std::get_if<ast::BodyId>(&block->value);
  if (body == nullptr)
    return fail(e, Kind::wrong_type, e.program.decl(symbol).name.span,
                "an experiment is written with braces");
  ExperimentValue out;
  out.name = e.program.decl(symbol).name.text;
  out.seed = e.settings.package_seed;
  Scope scope{symbol.module, nullptr, nullptr};
  if (!read_parameters(e, *block, out, &scope)) return std::nullopt;
  for (const ast::Item& item : tree(e, symbol.module)[*body].items) {
    if (item.kind == ast::Item::Kind::let || item.kind == ast::Item::Kind::require) {
      if (!run_local(e, &scope, item)) return std::nullopt;
      if (item.kind == ast::Item::Kind::let && scope.names != nullptr)
        out.locals.push_back(scope.names->value);
      continue;
    }
    if (item.kind != ast::Item::Kind::assign || item.path.size() != 1)
      return fail(e, Kind::wrong_type, item.span,
                  "an experiment holds `let`, `require` and lines `name = …`");
    Maybe value = evaluate(e, scope, item.value);
    if (!value) return std::nullopt;
    const std::string& name = item.path[0].text;
    scope.names = bind_name(scope.names, name, *value);
    out.outputs.emplace_back(name, std::move(*value));
  }
  return out;
}

}  // namespace rexp::eval
