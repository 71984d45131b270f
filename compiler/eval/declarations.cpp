// Declarations: evaluated when first named, remembered, and checked once by themselves.
#include <algorithm>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/show.h"

namespace rexp::elaborate {
using diagnostics::Kind;

Value Elaborator::declaration(Symbol symbol) {
  const auto state = states_.find(symbol);
  if (state != states_.end() && state->second == State::done) return values_[symbol];
  const ast::Decl& decl = program_.decl(symbol);
  if (state != states_.end()) {
    report(Kind::definition_cycle, decl.name.span, "`" + decl.name.text + "` is defined by itself");
    return failed();
  }
  states_[symbol] = State::open;
  // A declaration belongs to its module, wherever it is named first.
  RowBuilder* const row = row_;
  const std::string experiment = experiment_;
  const uint64_t seed = seed_;
  row_ = nullptr;
  experiment_.clear();
  seed_ = settings_.package_seed;
  Value v = apply_assignments(symbol, evaluate_declaration(symbol));
  row_ = row;
  experiment_ = experiment;
  seed_ = seed;
  states_[symbol] = State::done;
  return values_[symbol] = std::move(v);
}

Value Elaborator::evaluate_declaration(Symbol symbol) {
  const ast::Decl& decl = program_.decl(symbol);
  const Scope scope{symbol.module, nullptr};
  if (const auto* let = std::get_if<ast::LetDecl>(&decl.node)) {
    const TypeId expected = let->type ? program_.resolve(symbol.module, *let->type) : any();
    return coerce(eval(scope, let->value, expected), expected, "`" + decl.name.text + "`",
                  tree(symbol.module)[let->value].span);
  }
  if (const auto* fn = std::get_if<ast::FnDecl>(&decl.node)) {
    std::vector<TypeId> shape;
    for (const ast::Parameter& p : fn->parameters)
      shape.push_back(program_.resolve(symbol.module, p.type));
    shape.push_back(fn->result ? program_.resolve(symbol.module, *fn->result) : any());
    FunctionValue function{scope, fn->body, fn->parameters, fn->result, decl.name.text};
    return value(types().make({TypeKind::function, shape, -1, {}}),
                 std::make_shared<const FunctionValue>(std::move(function)));
  }
  if (const auto* external = std::get_if<ast::ExternDecl>(&decl.node)) {
    std::vector<TypeId> shape;
    for (const ast::Parameter& p : external->parameters)
      shape.push_back(program_.resolve(symbol.module, p.type));
    shape.push_back(program_.resolve(symbol.module, external->result));
    return value(types().make({TypeKind::function, shape, -1, {}}), ExternValue{symbol});
  }
  if (const auto schema = program_.schema_of(symbol)) {
    return value(types().record(*schema, decl.name.text), SchemaValue{*schema});
  }
  if (const auto enumeration = program_.enum_of(symbol)) {
    MapValue names;
    const TypeId type = types().make({TypeKind::enum_, {}, *enumeration, decl.name.text});
    for (const std::string& name : program_.enumeration(*enumeration).values)
      names.entries.emplace_back(name, value(type, EnumValue{*enumeration, name}));
    return value(this->type(TypeKind::map), std::make_shared<const MapValue>(std::move(names)));
  }
  if (std::holds_alternative<ast::TemplateDecl>(decl.node))
    return value(domain("Template"), TemplateValue{symbol, ""});
  if (const auto* block = std::get_if<ast::BlockDecl>(&decl.node)) {
    const std::optional<TypeId> kind = program_.kind(block->kind.text);
    if (kind && (types().is_domain(*kind, "Experiment") || types().is_domain(*kind, "Sweep")))
      return unknown(*kind);
    if (block->has_parameters) return value(kind.value_or(any()), BlockFunction{symbol});
    return evaluate_block(symbol, decl, *block, nullptr);
  }
  report(Kind::wrong_type, decl.name.span, "`" + decl.name.text + "` is not a value");
  return failed();
}

Value Elaborator::evaluate_block(Symbol symbol, const ast::Decl& decl, const ast::BlockDecl& block,
                                 EnvironmentPtr names) {
  const std::optional<TypeId> kind = program_.kind(block.kind.text);
  if (!kind) {
    report(Kind::unknown_kind, block.kind.span,
           "unknown kind of declaration `" + block.kind.text + "`" +
               check::did_you_mean(block.kind.text, program_.kind_words()));
    return failed();
  }
  TypeId expected = *kind;
  if (block.type) {
    expected = program_.resolve(symbol.module, *block.type);
    if (!program_.assignable(expected, *kind) && types().kind(*kind) == TypeKind::record &&
        types().kind(expected) == TypeKind::rows) {
      return not_yet("a " + block.kind.text + " of rows", decl.name.span);
    }
    if (!program_.assignable(expected, *kind)) {
      report(Kind::wrong_type, tree(symbol.module)[*block.type].span,
             "a `" + block.kind.text + "` is a `" + types().name(*kind) + "`, found the type `" +
                 types().name(expected) + "`");
      return failed();
    }
  }
  if (types().is_domain(*kind, "Judge")) return not_yet("judge", block.kind.span);
  Value v = block_body(symbol, decl, block, expected, std::move(names));
  return is_error(v) ? v : name_value(std::move(v), symbol, decl);
}

Value Elaborator::block_body(Symbol symbol, const ast::Decl& decl, const ast::BlockDecl& block,
                             TypeId type, EnvironmentPtr names) {
  const Scope scope{symbol.module, std::move(names)};
  const std::string owner = block.kind.text + " `" + decl.name.text + "`";
  if (const auto* expr = std::get_if<ast::ExprId>(&block.value)) {
    return coerce(eval(scope, *expr, type), type, "`" + decl.name.text + "`",
                  tree(symbol.module)[*expr].span);
  }
  const Body body{symbol.module, std::get<ast::BodyId>(block.value)};
  if (types().is_domain(type, "Mixture")) return make_mixture(scope, body, nullptr, owner);
  if (types().kind(type) != TypeKind::record) {
    report(Kind::wrong_type, block.kind.span,
           "a `" + block.kind.text + "` is written with `=`, not with braces");
    return failed();
  }
  Value v = make_record(types()[type].index, scope, &body, nullptr, owner, decl.name.span, symbol);
  if (!is_error(v)) v.type = type;
  return v;
}

Value Elaborator::name_value(Value v, Symbol symbol, const ast::Decl& decl) {
  if (const auto* record = v.shared<RecordValue>()) {
    RecordValue named = *record;
    named.name = decl.name.text;
    named.symbol = symbol;
    named.span = decl.name.span;
    v.data = std::make_shared<const RecordValue>(std::move(named));
  } else if (const auto* task = v.shared<TaskValue>()) {
    TaskValue named = *task;
    named.name = decl.name.text;
    v.data = std::make_shared<const TaskValue>(std::move(named));
  }
  return v;
}

// ---- assignments from outside -------------------------------------------------------------------------------------------

void Elaborator::resolve_assignments() {
  const ModuleId main = program_.main();
  if (main < 0) return;
  std::vector<std::string> parameters, known;
  if (const auto experiment = program_.lookup(main, settings_.experiment)) {
    if (const auto* block = std::get_if<ast::BlockDecl>(&program_.decl(*experiment).node)) {
      for (const ast::Parameter& p : block->parameters) parameters.push_back(p.name.text);
    }
  }
  for (const std::string& name : program_.names(main)) {
    const auto symbol = program_.lookup(main, name);
    const auto* block =
        symbol ? std::get_if<ast::BlockDecl>(&program_.decl(*symbol).node) : nullptr;
    const bool value = symbol && std::holds_alternative<ast::LetDecl>(program_.decl(*symbol).node);
    if (!symbol || value ||
        (block != nullptr && block->kind.text != "experiment" && block->kind.text != "sweep"))
      known.push_back(name);
  }
  known.insert(known.end(), parameters.begin(), parameters.end());
  for (const Assignment& assignment : settings_.assignments) {
    if (assignment.path.empty()) continue;
    const std::string& first = assignment.path[0].text;
    if (std::find(parameters.begin(), parameters.end(), first) != parameters.end()) {
      parameter_assignments_.emplace_back(first, assignment);
      continue;
    }
    std::optional<Symbol> symbol = program_.lookup(main, first);
    size_t skip = 1;
    const auto& aliases = program_.module(main).aliases;
    if (auto alias = aliases.find(first);
        !symbol && alias != aliases.end() && assignment.path.size() > 1) {
      symbol = program_.exported(alias->second, assignment.path[1].text);
      skip = 2;
    }
    if (!symbol) {
      report(Kind::bad_override, assignment.path[0].span,
             "nothing named `" + first + "` can be set" + check::did_you_mean(first, known));
      continue;
    }
    Assignment rest = assignment;
    rest.path.erase(rest.path.begin(), rest.path.begin() + static_cast<std::ptrdiff_t>(skip));
    declared_assignments_.emplace_back(*symbol, std::move(rest));
  }
}

Value Elaborator::apply_assignments(Symbol symbol, Value v) {
  if (v.as<BlockFunction>() != nullptr) return v;  // applied to what its calls make
  for (const auto& [target, assignment] : declared_assignments_) {
    if (target == symbol && !is_error(v)) v = update(v, assignment.path, 0, assignment);
  }
  if (const auto* mixture = v.shared<MixtureValue>()) check_mixture(*mixture, mixture->span);
  return v;
}

// ---- checking -----------------------------------------------------------------------------------------------------------

void Elaborator::check_everything(bool standard) {
  for (ModuleId m = 0; m < program_.module_count(); ++m) {
    if (program_.module(m).standard != standard) continue;
    const std::vector<ast::DeclId> decls = tree(m).decls;
    for (ast::DeclId id : decls) check_declaration({m, id});
  }
}

void Elaborator::check_declaration(Symbol symbol) {
  const ast::Decl& decl = program_.decl(symbol);
  if (const auto* require = std::get_if<ast::RequireDecl>(&decl.node))
    return check_require(symbol.module, *require, nullptr);
  if (std::holds_alternative<ast::KindDecl>(decl.node)) {
    program_.kind(decl.name.text);
    return;
  }
  declaration(symbol);
  if (const auto* fn = std::get_if<ast::FnDecl>(&decl.node)) return check_function(symbol, *fn);
  if (std::holds_alternative<ast::TemplateDecl>(decl.node)) return check_template(symbol);
  if (std::holds_alternative<ast::SchemaDecl>(decl.node)) return check_schema(symbol);
  const auto* block = std::get_if<ast::BlockDecl>(&decl.node);
  if (block == nullptr) return;
  const std::optional<TypeId> kind = program_.kind(block->kind.text);
  if (!kind) {
    evaluate_block(symbol, decl, *block, nullptr);
  } else if (types().is_domain(*kind, "Experiment")) {
    elaborate_experiment(symbol, decl, *block, false);
  } else if (types().is_domain(*kind, "Sweep")) {
    read_sweep(symbol);
  } else if (block->has_parameters) {
    EnvironmentPtr names;
    for (const ast::Parameter& p : block->parameters) {
      const TypeId expected = program_.resolve(symbol.module, p.type);
      Value v = unknown(expected);
      if (p.initial)
        v = coerce(eval(Scope{symbol.module, nullptr}, *p.initial, expected), expected,
                   "`" + p.name.text + "`", tree(symbol.module)[*p.initial].span);
      names = bind(names, p.name.text, v);
    }
    evaluate_block(symbol, decl, *block, names);
  }
}

void Elaborator::check_function(Symbol symbol, const ast::FnDecl& fn) {
  RowBuilder scratch(row::FunctionKind::predicate, "");
  in_row(scratch, [&] {
    EnvironmentPtr names;
    for (size_t i = 0; i < fn.parameters.size(); ++i) {
      const ast::Parameter& p = fn.parameters[i];
      const TypeId expected = program_.resolve(symbol.module, p.type);
      names = bind(names, p.name.text,
                   symbolic(expected, program_.label(symbol.module, p.type), -1, p.name.span));
      if (p.initial)
        coerce(eval(Scope{symbol.module, nullptr}, *p.initial, expected), expected,
               "`" + p.name.text + "`", tree(symbol.module)[*p.initial].span);
    }
    const ast::Decl& decl = program_.decl(symbol);
    const FunctionValue function{Scope{symbol.module, nullptr}, fn.body, fn.parameters, fn.result,
                                 decl.name.text};
    inline_body(function, names, decl.name.span);
    return 0;
  });
}

void Elaborator::check_schema(Symbol symbol) {
  const check::Schema& schema = program_.schema(*program_.schema_of(symbol));
  EnvironmentPtr siblings;
  for (const check::Field& f : schema.fields) {
    Value v = unknown(f.type);
    if (f.initial && f.module == symbol.module) {
      v = coerce(eval(Scope{f.module, siblings}, *f.initial, f.type), f.type, "`" + f.name + "`",
                 tree(f.module)[*f.initial].span);
      if (is_error(v)) v = unknown(f.type);
    }
    siblings = bind(siblings, f.name, unknown(f.type));
    if (f.condition && f.module == symbol.module) {
      coerce(eval(Scope{f.module, elaborate::bind(siblings, "it", unknown(f.type))}, *f.condition),
             type(TypeKind::boolean), "the condition of `" + f.name + "`",
             tree(f.module)[*f.condition].span);
    }
  }
}

void Elaborator::check_require(ModuleId module, const ast::RequireDecl& require,
                               EnvironmentPtr names) {
  const Scope scope{module, std::move(names)};
  const Span span = tree(module)[require.condition].span;
  const Value holds =
      coerce(eval(scope, require.condition), type(TypeKind::boolean), "a requirement", span);
  const bool* known = holds.as<bool>();
  if (known == nullptr || *known) return;
  std::string message = "requirement does not hold";
  if (require.message) {
    const Value text = eval_text(scope, *require.message);
    if (const auto chars = constant_text(text)) message += ": " + *chars;
  }
  auto& error = report(Kind::requirement_fails, span, message);
  if (const auto* binary = std::get_if<ast::Binary>(&tree(module)[require.condition].node)) {
    for (ast::ExprId side : {binary->left, binary->right}) {
      const Value v = eval(scope, side);
      const Span at = tree(module)[side].span;
      const auto* range = std::get_if<ast::Binary>(&tree(module)[side].node);
      std::string shown = show(v);
      if (range != nullptr && range->op == ast::BinaryOp::range) shown = source_text(at);
      if (!shown.empty() && (range != nullptr || shown != source_text(at)))
        error.secondary.push_back({at, shown});
    }
  }
}

}  // namespace rexp::elaborate
