// Calls, pipes and `hit@10`: which function is meant.
#include "compiler/check/labels.h"

namespace rexp::check {

SignaturePtr signature_of(Checker& c, const Scope& scope, ast::ExprId id) {
  if (!id.valid()) return nullptr;
  const auto partial = c.partials.find({scope.module, id.index});
  if (partial != c.partials.end()) {
    auto rest = std::make_shared<Signature>(*partial->second.signature);
    rest->parameters.erase(
        rest->parameters.begin(),
        rest->parameters.begin() + static_cast<std::ptrdiff_t>(partial->second.leading.size()));
    rest->reads.parameters = 0;
    return rest;
  }
  const Target& target = c.typed.at(scope.module, id).target;
  if (!target.symbol.valid() || target.kind == Target::Kind::codebook) return nullptr;
  return declaration(c, target.symbol).signature;
}

void note_applied(Frame& frame, int parameter, const Reads& given) {
  std::optional<Reads>& applied =
      frame.signature.parameters[static_cast<size_t>(parameter)].applied;
  applied = applied ? join(*applied, given) : given;
}

void look_at(Checker& c, const Scope& scope, const std::vector<ast::Argument>& arguments) {
  for (const ast::Argument& argument : arguments) {
    if (!is_lambda(c, scope, argument.value)) infer(c, scope, argument.value);
  }
}

namespace {

/// The function that is meant, and what `@` gave it before. No signature: it is only known by its type, or it is none.
PartialCall function_of(Checker& c, const Scope& scope, ast::ExprId id) {
  const auto partial = c.partials.find({scope.module, id.index});
  if (partial != c.partials.end()) return partial->second;
  return {signature_of(c, scope, id), {}};
}

/// A function that is only known by its type: a parameter of the enclosing function, or a value that was kept.
void call_unknown(Checker& c, const Scope& scope, const ExprInfo& callee, const Names* local,
                  const std::vector<Given>& leading, const std::vector<ast::Argument>& arguments,
                  Span span, ExprInfo* out) {
  Signature signature;
  signature.module = scope.module;
  signature.is_extern = true;
  const std::vector<TypeId> parts = c.types()[callee.type].arguments;
  const bool parameter = local != nullptr && local->parameter >= 0;
  const bool same_for_all = !parameter && !exists_per_row(c.program, parts.back());
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    SignatureParameter p;
    p.name = "argument " + std::to_string(i + 1);
    const auto [type, label] = unlabelled(c, parts[i]);
    p.type = type;
    if (same_for_all) p.world = World::constant;
    const bool labelled = c.types().kind(parts[i]) == TypeKind::labelled;
    p.bound = labelled ? label : parameter ? Label::future : Label::static_;
    p.declared_bound = labelled || !parameter;
    signature.parameters.push_back(std::move(p));
  }
  signature.result = parts.back();
  apply(c, scope, signature, nullptr, leading, arguments, span, out);
  out->reads = join(out->reads, callee.reads);
  if (local == nullptr || local->parameter < 0 || scope.frame == nullptr) return;
  Reads given;
  for (const Given& one : leading) given = join(given, one.reads);
  for (const ast::Argument& argument : arguments)
    given = join(given, c.typed.at(scope.module, argument.value).reads);
  note_applied(*scope.frame, local->parameter, given);
}

/// A function written in a `let`: looked at again with what this call gives.
void call_lambda(Checker& c, const Scope& scope, const ExprInfo& callee, const Names& local,
                 const std::vector<Given>& leading, const std::vector<ast::Argument>& arguments,
                 Span span, ExprInfo* out) {
  const std::vector<TypeId> parts = c.types()[callee.type].arguments;
  const size_t required = parts.size() - 1, found = leading.size() + arguments.size();
  if (required != found) {
    report(c, Kind::wrong_arguments, span,
           "`" + local.name + "` takes " + std::to_string(required) + " arguments, found " +
               std::to_string(found));
    return look_at(c, scope, arguments);
  }
  std::vector<Reads> reads;
  for (const Given& one : leading) reads.push_back(one.reads);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const TypeId wanted = unlabelled(c, parts[leading.size() + i]).first;
    reads.push_back(
        expect(c, scope, arguments[i].value, wanted, "argument " + std::to_string(i + 1)).reads);
  }
  const ExprInfo body = lambda_body(c, *local.written, local.lambda, callee.type, reads);
  out->type = body.type;
  out->reads = body.reads;
}

void not_callable(Checker& c, const ExprInfo& callee, Span span) {
  auto& error = report(c, Kind::not_callable, span,
                       "found " + a_described(c, callee.type) + ", which cannot be called");
  if (c.types().kind(callee.type) == TypeKind::schema_value)
    error.help = "a record is written with braces: `" +
                 source_text(c, span).substr(0, source_text(c, span).find_first_of("(@")) +
                 " { … }`";
}

}  // namespace

void check_call(Checker& c, const Scope& scope, const ast::Call& call, Span span,
                const ExprInfo* piped, ExprInfo* out) {
  const ExprInfo callee = infer(c, scope, call.callee);
  std::vector<Given> leading;
  if (piped != nullptr) leading.push_back({piped->type, piped->reads, span, {}});
  if (c.types().is_error(callee.type)) return look_at(c, scope, call.arguments);
  const Names* local = local_of(c, scope, call.callee);
  if (local != nullptr && local->lambda.valid() &&
      c.types().kind(callee.type) == TypeKind::function)
    return call_lambda(c, scope, callee, *local, leading, call.arguments, span, out);
  PartialCall function = function_of(c, scope, call.callee);
  if (function.signature != nullptr) {
    function.leading.insert(function.leading.end(), leading.begin(), leading.end());
    const auto* field = std::get_if<ast::FieldRef>(&c.tree(scope.module)[call.callee].node);
    const bool member = callee.target.kind == Target::Kind::member && field != nullptr;
    if (!member)
      return apply(c, scope, *function.signature, nullptr, function.leading, call.arguments, span,
                   out);
    const ExprInfo& object = c.typed.at(scope.module, field->object);
    const Given receiver{object.type, object.reads, span_of(c, scope, field->object), {}};
    if (c.types().kind(callee.type) == TypeKind::function)
      return apply(c, scope, *function.signature, &receiver, function.leading, call.arguments, span,
                   out);
  } else if (c.types().kind(callee.type) == TypeKind::function) {
    return call_unknown(c, scope, callee, local, leading, call.arguments, span, out);
  }
  look_at(c, scope, call.arguments);
  if (c.program.is(callee.type, Known::Judge))
    return not_yet(c, "judge", span,
                   "measure with a protocol instead: `[evaluate(m, last_one) for m in systems]`");
  not_callable(c, callee, span);
}

// ---- |> -------------------------------------------------------------------------------------------------------------------

namespace {

bool is_block(Checker& c, const ExprInfo& info) {
  return info.target.kind == Target::Kind::declaration &&
         std::holds_alternative<ast::BlockDecl>(c.program.decl(info.target.symbol).node);
}

void apply_stage(Checker& c, const Scope& scope, const ast::Pipe& node, const ExprInfo& left,
                 ExprInfo* out) {
  ExprInfo& model = c.typed.at(scope.module, node.value);
  if (!c.types().is_error(left.type))
    fit(c, model, c.program.known_type(Known::Model), "what a stage trains",
        span_of(c, scope, node.value));
  out->type = c.program.known_type(Known::Model);
}

}  // namespace

void check_pipe(Checker& c, const Scope& scope, const ast::Pipe& node, Span span, ExprInfo* out) {
  const ExprInfo left = infer(c, scope, node.value);
  const ast::Expr& right = c.tree(scope.module)[node.function];
  const auto* call = std::get_if<ast::Call>(&right.node);
  if (call != nullptr) {
    const ExprInfo callee = infer(c, scope, call->callee);
    const bool callable = c.types().kind(callee.type) == TypeKind::function ||
                          c.program.is(callee.type, Known::Template);
    const bool waits = callable && !is_block(c, callee);
    if (waits) {
      ExprInfo& info = c.typed.at(scope.module, node.function);
      info = {};
      check_call(c, scope, *call, right.span, &left, &info);
      out->type = info.type;
      out->reads = info.reads;
      return;
    }
  }
  ExprInfo function = infer(c, scope, node.function);
  if (c.types().is_error(function.type)) return;
  const bool block = is_block(c, function) && c.types().kind(function.type) == TypeKind::function;
  if (block) {  // its parameters have defaults
    apply(c, scope, *signature_of(c, scope, node.function), nullptr, {}, {}, right.span, &function);
    c.typed.at(scope.module, node.function).wanted = function.type;
  }
  if (c.program.is(function.type, Known::Stage)) return apply_stage(c, scope, node, left, out);
  const std::vector<Given> leading = {
      {left.type, left.reads, span_of(c, scope, node.value), node.value}};
  PartialCall waiting = function_of(c, scope, node.function);
  if (waiting.signature != nullptr && !block) {
    waiting.leading.insert(waiting.leading.end(), leading.begin(), leading.end());
    return apply(c, scope, *waiting.signature, nullptr, waiting.leading, {}, span, out);
  }
  if (c.types().kind(function.type) == TypeKind::function) {
    const Names* local = local_of(c, scope, node.function);
    if (local != nullptr && local->lambda.valid())
      return call_lambda(c, scope, function, *local, leading, {}, span, out);
    return call_unknown(c, scope, function, local, leading, {}, span, out);
  }
  report(c, Kind::not_callable, span,
         "`|>` needs a stage or a function on its right, found " + a_described(c, function.type));
}

// ---- hit@10 ---------------------------------------------------------------------------------------------------------------

namespace {

/// The number behind `@`, or the numbers: hit@[1, 5]. Gives the argument, and whether there are several.
std::optional<Given> at_argument(Checker& c, const Scope& scope, ast::ExprId size, TypeId wanted,
                                 bool* several) {
  const bool list = std::holds_alternative<ast::ListLiteral>(c.tree(scope.module)[size].node) &&
                    c.types().kind(wanted) != TypeKind::list;
  *several = list;
  ExprInfo& info =
      expect(c, scope, size, list ? c.types().list(wanted) : wanted, "what follows `@`");
  if (c.types().is_error(info.type)) return std::nullopt;
  return Given{list ? wanted : info.type, info.reads, span_of(c, scope, size), {}};
}

bool complete(const Signature& signature, size_t given) {
  for (size_t i = given; i < signature.parameters.size(); ++i) {
    if (!signature.parameters[i].initial) return false;
  }
  return true;
}

}  // namespace

void check_at(Checker& c, const Scope& scope, ast::ExprId id, ExprInfo* out) {
  const auto node = std::get<ast::AtSize>(c.tree(scope.module)[id].node);
  const Span span = span_of(c, scope, id);
  c.partials.erase({scope.module, id.index});
  const ExprInfo callee = infer(c, scope, node.object);
  if (c.types().is_error(callee.type)) return;
  PartialCall call = function_of(c, scope, node.object);
  if (call.signature == nullptr) {
    infer(c, scope, node.size);
    return not_callable(c, callee, span);
  }
  const size_t next = call.leading.size();
  if (next >= call.signature->parameters.size()) {
    infer(c, scope, node.size);
    report(
        c, Kind::wrong_arguments, span_of(c, scope, node.size),
        "`" + call.signature->name + "` takes " + std::to_string(next) + " arguments, found more");
    return;
  }
  bool several = false;
  const auto given =
      at_argument(c, scope, node.size, call.signature->parameters[next].type, &several);
  if (!given) return;
  call.leading.push_back(*given);
  if (complete(*call.signature, call.leading.size())) {
    apply(c, scope, *call.signature, nullptr, call.leading, {}, span, out);
    if (several && !c.types().is_error(out->type)) out->type = c.types().list(out->type);
    return;
  }
  if (several) {
    report(c, Kind::wrong_arguments, span, "`" + call.signature->name + "` needs more than these");
    return;
  }
  const SignatureParameter& taken = call.signature->parameters[next];
  check_demands(c, scope, taken, given->reads,
                "`" + taken.name + "` of `" + call.signature->name + "`", given->span);
  std::vector<TypeId> parts;
  for (size_t i = call.leading.size(); i < call.signature->parameters.size(); ++i)
    parts.push_back(call.signature->parameters[i].type);
  parts.push_back(call.signature->result);
  out->type = c.types().function(parts);
  out->reads = given->reads;
  c.partials[{scope.module, id.index}] = std::move(call);
}

}  // namespace rexp::check
