// Declarations: looked at when first named, remembered, each once.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

SignatureParameter parameter_of(Checker& c, ModuleId module, const ast::Parameter& p,
                                TypeVariables* variables) {
  SignatureParameter out;
  out.name = p.name.text;
  out.type = c.program.resolve(module, p.type, variables);
  out.initial = p.initial;
  out.span = p.name.span;
  const Label label = c.program.label(module, p.type);
  if (p.type.valid() && c.tree(module)[p.type].label != ast::Label::none) {
    out.bound = label;
    out.declared_bound = true;
    out.bound_at = p.name.span;
  }
  return out;
}

TypeId function_type(Checker& c, const Signature& signature) {
  std::vector<TypeId> parts;
  for (const SignatureParameter& p : signature.parameters) parts.push_back(p.type);
  parts.push_back(signature.result);
  return c.types().function(parts);
}

void check_default(Checker& c, ModuleId module, const SignatureParameter& p) {
  if (!p.initial) return;
  const TypeId wanted = c.types().contains(p.type, TypeKind::variable) ? TypeId{} : p.type;
  Scope scope{module, nullptr, nullptr};
  scope.row = true;  // where it is called there may be one
  expect(c, scope, *p.initial, wanted, "`" + p.name + "`");
}

/// Defaults are arguments like others, once the body has said what it demands.
void check_default_worlds(Checker& c, const Signature& signature) {
  for (const SignatureParameter& p : signature.parameters) {
    const Scope home{signature.module, nullptr, nullptr};
    if (p.initial)
      check_world(c, home, c.typed.at(signature.module, *p.initial).reads, p.world,
                  "`" + p.name + "`", span_of(c, home, *p.initial), p.world_at);
  }
}

/// The type that was written with what `Any` in it leaves open filled in from the body.
TypeId refined(Checker& c, TypeId written, TypeId body) {
  return c.types().contains(written, TypeKind::hole) && !c.types().is_error(body) ? body : written;
}

void check_function(Checker& c, Symbol symbol, const ast::FnDecl& fn, DeclInfo* out) {
  const ast::Decl& decl = c.program.decl(symbol);
  Frame frame;
  frame.signature.name = decl.name.text;
  frame.signature.module = symbol.module;
  frame.signature.span = decl.name.span;
  TypeVariables variables{{}, false, true};
  Scope scope{symbol.module, nullptr, &frame};
  for (size_t i = 0; i < fn.parameters.size(); ++i) {
    SignatureParameter p = parameter_of(c, symbol.module, fn.parameters[i], &variables);
    check_default(c, symbol.module, p);
    Names entry;
    entry.name = p.name;
    entry.type = p.type;
    entry.parameter = static_cast<int>(i);
    entry.reads.parameters = i < 64 ? uint64_t{1} << i : 0;
    entry.reads.peak = p.declared_bound ? p.bound : Label::static_;
    entry.reads.declared = p.span;
    if (only_per_row(c.program, p.type)) entry.reads.world = World::row;
    if (find(scope.names, p.name) != nullptr)
      report(c, Kind::duplicate_name, p.span, "parameter `" + p.name + "` is declared twice");
    scope.names = bind_name(scope.names, std::move(entry));
    frame.signature.parameters.push_back(std::move(p));
  }
  if (fn.parameters.size() > 64)
    report(c, Kind::wrong_arguments, decl.name.span, "a function has at most 64 parameters");
  const TypeId wanted = fn.result ? c.program.resolve(symbol.module, *fn.result) : TypeId{};
  const std::string what = "the result of `" + decl.name.text + "`";
  const ExprInfo body =
      fn.result ? expect(c, scope, fn.body, wanted, what) : infer(c, scope, fn.body);
  if (fn.result && c.tree(symbol.module)[*fn.result].label != ast::Label::none &&
      !c.types().is_error(body.type))
    check_label(c, scope, body.reads, c.program.label(symbol.module, *fn.result), what,
                span_of(c, scope, fn.body), c.tree(symbol.module)[*fn.result].span);
  frame.signature.result = fn.result ? refined(c, wanted, body.type) : body.type;
  frame.signature.reads = body.reads;
  frame.signature.prompts = prompts(c, scope, fn.body);
  check_default_worlds(c, frame.signature);
  out->type = function_type(c, frame.signature);
  out->signature = std::make_shared<const Signature>(std::move(frame.signature));
}

/// What is computed takes values of a row as well; an operation of the run is made before it, and what it counts is known behind it.
void extern_worlds(Checker& c, Intrinsic which, Signature* signature) {
  for (SignatureParameter& p : signature->parameters) {
    const bool function = c.types().kind(p.type) == TypeKind::function;
    if (function || (signature->computed && exists_per_row(c.program, p.type))) continue;
    p.world = World::constant;
  }
  const TypeKind result = c.types().kind(signature->result);
  const bool counts = is_amount(result) || result == TypeKind::boolean || result == TypeKind::text;
  if (!signature->computed && counts) signature->reads.world = World::node;
  signature->needs_row = which == Intrinsic::list_sample || which == Intrinsic::group_sample;
  if (signature->needs_row) signature->reads.world = World::row;  // drawn for each example
}

void check_extern(Checker& c, Symbol symbol, const ast::ExternDecl& external, DeclInfo* out) {
  const ast::Decl& decl = c.program.decl(symbol);
  Signature signature;
  signature.name = decl.name.text;
  signature.module = symbol.module;
  signature.span = decl.name.span;
  signature.is_extern = true;
  const Intrinsic which = c.intrinsics.of(symbol);
  signature.computed = is_computed(which);
  TypeVariables variables{{}, c.program.module(symbol.module).standard, false};
  if (external.receiver)
    signature.receiver = c.program.resolve(symbol.module, *external.receiver, &variables);
  for (const ast::Parameter& p : external.parameters) {
    signature.parameters.push_back(parameter_of(c, symbol.module, p, &variables));
    check_default(c, symbol.module, signature.parameters.back());
  }
  signature.result = c.program.resolve(symbol.module, external.result, &variables);
  signature.reads.label = signature.reads.peak = c.program.label(symbol.module, external.result);
  extern_worlds(c, which, &signature);
  out->type = function_type(c, signature);
  out->signature = std::make_shared<const Signature>(std::move(signature));
}

void check_schema(Checker& c, Symbol symbol, int32_t id) {
  const Schema& schema = c.program.schema(id);
  NamesPtr siblings;
  const std::vector<Field> fields = schema.fields;
  for (const Field& field : fields) {
    const TypeId type = c.program.substitute(field.type, schema.fallbacks);
    const std::string what = "`" + field.name + "`";
    Reads reads;
    reads.label = reads.peak = field.label;
    if (field.initial && field.module == symbol.module) {
      const Scope inside{field.module, siblings, nullptr};
      const ExprInfo& info = expect(c, inside, *field.initial, type, what);
      if (!c.types().is_error(info.type))
        check_label(c, inside, info.reads, field.label, what, span_of(c, inside, *field.initial),
                    field.span);
    }
    siblings = bind_name(siblings, field.name, type, reads);
    if (field.condition && field.module == symbol.module)
      expect(
          c, {field.module, bind_name(siblings, "it", c.types().without_none(type), {}), nullptr},
          *field.condition, c.scalar(TypeKind::boolean), "the condition of `" + field.name + "`");
  }
}

void check_value(Checker& c, Symbol symbol, ast::ExprId value, std::optional<TypeId> wanted,
                 DeclInfo* out) {
  const Scope scope{symbol.module, nullptr, nullptr};
  const std::string what = "`" + c.program.decl(symbol).name.text + "`";
  const ExprInfo info = wanted && is_lambda(c, scope, value)
                            ? expect_lambda(c, scope, value, *wanted, what)
                        : wanted ? expect(c, scope, value, *wanted, what)
                                 : infer(c, scope, value);
  out->type = wanted && !c.types().is_error(info.type) ? refined(c, *wanted, info.type) : info.type;
  if (wanted && c.types().is_error(info.type))
    out->type = *wanted;  // a broken declaration still has its type
  out->reads = info.reads;
  const auto* lambda = std::get_if<ast::Lambda>(&c.tree(symbol.module)[value].node);
  if (lambda == nullptr || c.types().kind(out->type) != TypeKind::function) {
    if (c.types().kind(out->type) == TypeKind::function)
      out->signature = signature_of(c, scope, value);
    return;
  }
  Frame frame;
  frame.signature.name = c.program.decl(symbol).name.text;
  frame.signature.module = symbol.module;
  frame.signature.span = c.program.decl(symbol).name.span;
  std::vector<Reads> reads;
  for (size_t i = 0; i < lambda->parameters.size(); ++i) {
    SignatureParameter p;
    p.name = lambda->parameters[i].text;
    p.type = unlabelled(c, c.types()[out->type].arguments[i]).first;
    p.span = lambda->parameters[i].span;
    frame.signature.parameters.push_back(std::move(p));
    Reads read;
    read.parameters = i < 64 ? uint64_t{1} << i : 0;
    if (only_per_row(c.program, frame.signature.parameters.back().type)) read.world = World::row;
    reads.push_back(read);
  }
  const Scope inside{symbol.module, nullptr, &frame};
  const ExprInfo body = lambda_body(c, inside, value, out->type, reads);
  frame.signature.result = c.types()[out->type].arguments.back();
  frame.signature.reads = body.reads;
  out->signature = std::make_shared<const Signature>(std::move(frame.signature));
}

/// `dataset notes: Rows<Note> { … }`: a table, whose body is one of its own.
TypeId body_type(Checker& c, TypeId kind, TypeId written) {
  if (c.program.is(kind, Known::Interactions) && c.types().kind(written) == TypeKind::record &&
      c.types()[written].index == c.program.known(Known::Rows))
    return c.program.known_type(Known::Table);
  return written;
}

void check_block_body(Checker& c, Symbol symbol, const ast::BlockDecl& block, const Scope& scope,
                      TypeId type, TypeId body, DeclInfo* out) {
  const ast::Decl& decl = c.program.decl(symbol);
  out->type = type;
  if (const auto* expr = std::get_if<ast::ExprId>(&block.value)) {
    const ExprInfo info = expect(c, scope, *expr, type, "`" + decl.name.text + "`");
    if (!c.types().is_error(info.type)) out->type = info.type;
    if (c.types().kind(info.type) == TypeKind::schema_value) out->type = type;
    return;
  }
  const ast::BodyId written = std::get<ast::BodyId>(block.value);
  if (c.program.is(type, Known::Mixture)) return check_mixture(c, scope, written);
  if (c.types().kind(body) != TypeKind::record || c.program.schema(c.types()[body].index).opaque) {
    report(c, Kind::wrong_type, block.kind.span,
           "a `" + block.kind.text + "` is written with `=`, not with braces");
    return;
  }
  const std::string owner = block.kind.text + " `" + decl.name.text + "`";
  Reads reads;
  const TypeId record = block.type ? body : open_record(c, c.types()[body].index);
  const TypeId made = check_body(c, scope, written, record, true, owner, decl.name.span, &reads);
  if (body == type && !c.types().is_error(made)) out->type = made;
}

void check_block(Checker& c, Symbol symbol, const ast::BlockDecl& block, DeclInfo* out) {
  const ast::Decl& decl = c.program.decl(symbol);
  const std::optional<TypeId> kind = c.program.kind(block.kind.text);
  if (!kind) {
    report(c, Kind::unknown_kind, block.kind.span,
           "unknown kind of declaration `" + block.kind.text + "`" +
               did_you_mean(block.kind.text, c.program.kind_words()));
    return;
  }
  out->type = *kind;
  if (c.program.is(*kind, Known::Experiment) || c.program.is(*kind, Known::Sweep)) return;
  TypeId type = *kind, body = *kind;
  if (block.type) {
    type = c.program.resolve(symbol.module, *block.type);
    body = body_type(c, *kind, type);
    if (c.types().is_error(type)) return;
    if (body == type && !c.program.assignable(type, *kind)) {
      report(c, Kind::wrong_type, c.tree(symbol.module)[*block.type].span,
             "a `" + block.kind.text + "` is a `" + c.types().name(*kind) + "`, found the type `" +
                 c.types().name(type) + "`");
      return;
    }
  }
  Signature signature;
  signature.name = decl.name.text;
  signature.module = symbol.module;
  signature.span = decl.name.span;
  Scope scope{symbol.module, nullptr, nullptr};
  for (const ast::Parameter& p : block.parameters) {
    SignatureParameter made = parameter_of(c, symbol.module, p, nullptr);
    check_default(c, symbol.module, made);
    if (find(scope.names, made.name) != nullptr)
      report(c, Kind::duplicate_name, made.span, "parameter `" + made.name + "` is declared twice");
    scope.names = bind_name(scope.names, made.name, made.type, {});
    made.world = World::constant;  // what a block declares is the same for all rows
    signature.parameters.push_back(std::move(made));
  }
  check_block_body(c, symbol, block, scope, type, body, out);
  if (!block.has_parameters) return;
  signature.result = out->type;
  out->type = function_type(c, signature);
  out->signature = std::make_shared<const Signature>(std::move(signature));
}

void check_declaration(Checker& c, Symbol symbol, DeclInfo* out) {
  const ast::Decl& decl = c.program.decl(symbol);
  if (const auto* let = std::get_if<ast::LetDecl>(&decl.node)) {
    std::optional<TypeId> wanted;
    if (let->type) wanted = c.program.resolve(symbol.module, *let->type);
    return check_value(c, symbol, let->value, wanted, out);
  }
  if (const auto* fn = std::get_if<ast::FnDecl>(&decl.node))
    return check_function(c, symbol, *fn, out);
  if (const auto* external = std::get_if<ast::ExternDecl>(&decl.node))
    return check_extern(c, symbol, *external, out);
  if (const auto schema = c.program.schema_of(symbol)) {
    out->type = c.types().make({TypeKind::schema_value, {}, *schema, decl.name.text});
    return;
  }
  if (const auto id = c.program.enum_of(symbol)) {
    const TypeId type = c.types().make({TypeKind::enum_, {}, *id, decl.name.text});
    out->type = c.types().make({TypeKind::enum_names, {type}, *id, decl.name.text});
    return;
  }
  if (std::holds_alternative<ast::TemplateDecl>(decl.node)) {
    out->type = c.program.known_type(Known::Template);
    Signature signature = template_signature(c, symbol);
    for (const SignatureParameter& p : signature.parameters) check_default(c, symbol.module, p);
    check_template(c, symbol, &signature);
    check_default_worlds(c, signature);
    out->signature = std::make_shared<const Signature>(std::move(signature));
    return;
  }
  if (const auto* block = std::get_if<ast::BlockDecl>(&decl.node))
    return check_block(c, symbol, *block, out);
  report(c, Kind::wrong_type, decl.name.span, "`" + decl.name.text + "` is not a value");
}

/// A declaration and what only needs to be looked at once: conditions of schemas, experiments.
void check_top(Checker& c, Symbol symbol) {
  const ast::Decl& decl = c.program.decl(symbol);
  if (const auto* require = std::get_if<ast::RequireDecl>(&decl.node))
    return check_require(c, {symbol.module, nullptr, nullptr}, *require);
  if (std::holds_alternative<ast::KindDecl>(decl.node)) {
    c.program.kind(decl.name.text);
    return;
  }
  const TypeId type = declaration(c, symbol).type;
  if (const auto schema = c.program.schema_of(symbol)) check_schema(c, symbol, *schema);
  if (c.program.is(type, Known::Experiment)) check_experiment(c, symbol);
}

}  // namespace

const DeclInfo& declaration(Checker& c, Symbol symbol) {
  DeclInfo& info = c.typed.declarations[symbol];
  const auto state = c.states.find(symbol);
  if (state != c.states.end() && state->second == Checker::State::done) return info;
  if (state != c.states.end()) {
    const ast::Decl& decl = c.program.decl(symbol);
    const bool function = std::holds_alternative<ast::FnDecl>(decl.node);
    report(c, Kind::definition_cycle, decl.name.span,
           function ? "`" + decl.name.text +
                          "` calls itself; functions always end, so there is no recursion"
                    : "`" + decl.name.text + "` is defined by itself");
    return info;
  }
  c.states[symbol] = Checker::State::open;
  const int depth = c.depth;
  DeclInfo made;
  check_declaration(c, symbol, &made);
  c.depth = depth;
  c.states[symbol] = Checker::State::done;
  DeclInfo& stored = c.typed.declarations[symbol];
  stored = std::move(made);
  return stored;
}

Typed check_program(Program& program) {
  Typed typed;
  for (ModuleId m = 0; m < program.module_count(); ++m)
    typed.add_module(m, program.module(m).tree.expr_nodes.size());
  Checker c{program, typed};
  for (Symbol symbol : program.blocks("codebook"))
    c.codebooks[program.decl(symbol).name.text].push_back(symbol);
  typed.order = dependency_order(program);
  for (Symbol symbol : typed.order) check_top(c, symbol);
  for (Symbol symbol : typed.order) {
    const auto at = typed.declarations.find(symbol);
    if (at != typed.declarations.end() && program.is(at->second.type, Known::Sweep))
      check_sweep(c, symbol);
  }
  return typed;
}

}  // namespace rexp::check
