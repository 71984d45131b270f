// Calls. Functions are inlined, extern functions are computed or become operations of the run, templates become statements.
#include "compiler/check/arguments.h"
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

/// What is known of the parameters of something that can be called.
struct Parameters {
  ModuleId module = -1;  // where defaults are written
  const std::vector<ast::Parameter>* written = nullptr;
  const check::Signature* signature = nullptr;  // of a declaration
  std::string name;
};

Parameters declared_parameters(const Evaluator& e, Symbol symbol) {
  const ast::Decl& decl = e.program.decl(symbol);
  Parameters out{symbol.module, nullptr, nullptr, decl.name.text};
  const auto info = e.typed.declarations.find(symbol);
  if (info != e.typed.declarations.end()) out.signature = info->second.signature.get();
  if (const auto* external = std::get_if<ast::ExternDecl>(&decl.node))
    out.written = &external->parameters;
  if (const auto* wording = std::get_if<ast::TemplateDecl>(&decl.node))
    out.written = &wording->parameters;
  if (const auto* block = std::get_if<ast::BlockDecl>(&decl.node)) out.written = &block->parameters;
  if (const auto* function = std::get_if<ast::FnDecl>(&decl.node))
    out.written = &function->parameters;
  return out;
}

std::optional<Parameters> parameters_of(const Evaluator& e, const Value& callee) {
  if (const auto* closure = callee.shared<Closure>()) {
    if (closure->symbol.valid()) return declared_parameters(e, closure->symbol);
    return Parameters{closure->module, &closure->parameters, nullptr, closure->name};
  }
  if (const auto* callable = callee.as<Callable>()) return declared_parameters(e, callable->symbol);
  if (const auto* method = callee.shared<Method>()) return declared_parameters(e, method->symbol);
  if (const auto* wording = callee.as<TemplateRef>())
    return declared_parameters(e, wording->symbol);
  if (const auto* partial = callee.shared<Partial>()) return parameters_of(e, *partial->function);
  return std::nullopt;
}

/// Every parameter's value, converted; defaults see the parameters before them.
[[gnu::noinline]] std::optional<std::vector<Given>> complete(
    Evaluator& e, const Value& callee, std::vector<std::optional<Given>> given,
    const Place& place) {
  const std::optional<Parameters> found = parameters_of(e, callee);
  if (!found || found->written == nullptr)
    return fail(e, Kind::not_callable, place.span,
                "found a " + described(e, callee) + ", which cannot be called");
  const Parameters& parameters = *found;
  std::vector<Given> out;
  Scope defaults{parameters.module, nullptr, place.scope.row};
  given.resize(parameters.written->size());
  for (size_t i = 0; i < given.size(); ++i) {
    const ast::Parameter& parameter = (*parameters.written)[i];
    Maybe value;
    Span span = place.span;
    if (given[i]) {
      value = std::move(given[i]->value);
      span = given[i]->span;
    } else if (parameter.initial) {
      span = span_of(e, defaults, *parameter.initial);
      value = evaluate(e, defaults, *parameter.initial);
    } else {
      return fail(e, Kind::wrong_arguments, place.span,
                  "`" + parameters.name + "` needs `" + parameter.name.text + "`");
    }
    const bool typed =
        parameters.signature != nullptr && i < parameters.signature->parameters.size();
    if (value && typed)
      value = convert(e, std::move(*value), parameters.signature->parameters[i].type,
                      {place.scope, span, {}});
    if (!value) return std::nullopt;
    defaults.names = bind_name(defaults.names, parameter.name.text, *value);
    out.push_back({std::move(*value), span});
  }
  return out;
}

EnvironmentPtr parameters_of(const Closure& function, const std::vector<Given>& arguments) {
  EnvironmentPtr names = function.names;
  for (size_t i = 0; i < arguments.size(); ++i)
    names =
        bind_name(names, function.parameters[i].name.text, arguments[i].value, arguments[i].span);
  return names;
}

Maybe call_closure(Evaluator& e, const Closure& function, const std::vector<Given>& arguments,
                   const Place& place) {
  const std::optional<std::string> key = call_key(e, function, arguments);
  if (key) {
    if (const Value* known = remembered(e, place.scope, *key)) return *known;
  }
  const Scope inside{function.module, parameters_of(function, arguments), place.scope.row};
  Maybe out = evaluate(e, inside, function.body);
  if (key && out) remember(e, place.scope, *key, *out);
  return out;
}

/// A function or member of the library: computed here, or an operation of the run.
Maybe call_extern(Evaluator& e, Symbol symbol, const Value* receiver,
                  const std::vector<Given>& arguments, const Place& place) {
  std::vector<Value> values;
  if (receiver != nullptr) values.push_back(*receiver);
  for (const Given& argument : arguments) values.push_back(argument.value);
  if (const IntrinsicFunction function = intrinsic_function(e.intrinsics.of(symbol)))
    return function(e, values, place);
  const auto& written = std::get<ast::ExternDecl>(e.program.decl(symbol).node).parameters;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (reads_row(arguments[i].value))
      return not_constant(e, "`" + written[i].name.text + "`", arguments[i].value,
                          arguments[i].span);
  }
  return make(e, symbol, std::move(values), place);
}

Maybe call_block(Evaluator& e, Symbol symbol, const std::vector<Given>& arguments) {
  const auto& block = std::get<ast::BlockDecl>(e.program.decl(symbol).node);
  EnvironmentPtr names;
  for (size_t i = 0; i < arguments.size(); ++i)
    names = bind_name(names, block.parameters[i].name.text, arguments[i].value, arguments[i].span);
  Maybe value = evaluate_block(e, symbol, std::move(names));
  return value ? assigned(e, symbol, std::move(*value)) : std::nullopt;
}

/// Where the argument was written: a parameter that is passed on stands for what the caller wrote.
Span argument_span(const Evaluator& e, const Scope& scope, ast::ExprId id) {
  const auto* name = std::get_if<ast::NameRef>(&tree(e, scope.module)[id].node);
  const Environment* local = name == nullptr ? nullptr : find(scope.names, name->name.text);
  return local != nullptr && local->given.file >= 0 ? local->given : span_of(e, scope, id);
}

/// What `prefix@1` was given and what is given now.
std::vector<std::optional<Given>> all_arguments(const Partial& partial,
                                                const std::vector<std::optional<Given>>& given,
                                                Span span) {
  std::vector<std::optional<Given>> all;
  for (const Value& argument : partial.arguments) all.push_back(Given{argument, span});
  for (size_t i = all.size(); i < given.size(); ++i) all.push_back(given[i]);
  return all;
}

/// The names of the parameters; of a stage, which takes one model, as many as it is given.
std::vector<std::string> parameter_names(const Evaluator& e, const Value& callee, size_t given) {
  std::vector<std::string> names;
  const std::optional<Parameters> parameters = parameters_of(e, callee);
  if (!parameters || parameters->written == nullptr) {
    names.resize(given);
    return names;
  }
  for (const ast::Parameter& p : *parameters->written) names.push_back(p.name.text);
  return names;
}

/// The arguments of a call by parameter, evaluated in the order in which they are written.
[[gnu::noinline]] std::optional<std::vector<std::optional<Given>>> arguments_of(
    Evaluator& e, const ast::Call& call, const Value& callee, const Value* piped,
    const Place& place) {
  std::vector<std::optional<Given>> given;
  if (const auto* partial = callee.shared<Partial>()) given.resize(partial->arguments.size());
  if (piped != nullptr) given.push_back(Given{*piped, place.span});
  const std::vector<std::string> names =
      parameter_names(e, callee, std::max(given.size(), call.arguments.size()));
  const check::Binding binding = check::bind_arguments(names, given.size(), call.arguments);
  if (binding.problem != check::Binding::Problem::none)
    return fail(e, Kind::wrong_arguments, place.span, "these arguments do not fit");
  std::vector<size_t> parameter(call.arguments.size());
  for (size_t i = 0; i < names.size(); ++i) {
    if (binding.argument[i] >= 0) parameter[static_cast<size_t>(binding.argument[i])] = i;
  }
  given.resize(names.size());
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const ast::ExprId id = call.arguments[i].value;
    Maybe value = evaluate(e, place.scope, id);
    if (!value) return std::nullopt;
    given[parameter[i]] = Given{std::move(*value), argument_span(e, place.scope, id)};
  }
  return given;
}

}  // namespace

Maybe apply(Evaluator& e, const Value& callee, std::vector<std::optional<Given>> given,
            const Place& place) {
  if (const auto* partial = callee.shared<Partial>())
    return apply(e, *partial->function, all_arguments(*partial, given, place.span), place);
  if (callee.shared<Record>() != nullptr && given.size() == 1 && given[0])
    return apply_stage(e, callee, given[0]->value, place);
  const auto arguments = complete(e, callee, std::move(given), place);
  if (!arguments) return std::nullopt;
  if (const auto* closure = callee.shared<Closure>())
    return call_closure(e, *closure, *arguments, place);
  if (const auto* method = callee.shared<Method>())
    return call_extern(e, method->symbol, method->receiver.get(), *arguments, place);
  if (const auto* wording = callee.as<TemplateRef>())
    return run_template(e, *wording, *arguments, place);
  const Symbol symbol = callee.as<Callable>()->symbol;
  if (std::holds_alternative<ast::ExternDecl>(e.program.decl(symbol).node))
    return call_extern(e, symbol, nullptr, *arguments, place);
  return call_block(e, symbol, *arguments);
}

Maybe call_with(Evaluator& e, const Value& callee, std::vector<Value> arguments,
                const Place& place) {
  std::vector<std::optional<Given>> given;
  if (const auto* partial = callee.shared<Partial>()) given.resize(partial->arguments.size());
  for (Value& argument : arguments) given.push_back(Given{std::move(argument), place.span});
  return apply(e, callee, std::move(given), place);
}

Maybe call(Evaluator& e, const Value& callee, std::vector<Value> arguments, const Scope& at,
           Span span) {
  return call_with(e, callee, std::move(arguments), {at, span, {}});
}

Maybe member_of(Evaluator& e, const Value& receiver, Symbol symbol, const Place& place) {
  const auto& declared = std::get<ast::ExternDecl>(e.program.decl(symbol).node);
  if (!declared.property) {
    return shared_value(Method{std::make_shared<const Value>(receiver), symbol});
  }
  return call_extern(e, symbol, &receiver, {}, place);
}

Maybe evaluate_call(Evaluator& e, const ast::Call& call, const Value* piped, const Place& place) {
  const Maybe callee = evaluate(e, place.scope, call.callee);
  if (!callee) return std::nullopt;
  auto given = arguments_of(e, call, *callee, piped, place);
  return given ? apply(e, *callee, std::move(*given), place) : std::nullopt;
}

Maybe evaluate_at(Evaluator& e, const ast::AtSize& node, const Place& place) {
  const Maybe function = evaluate(e, place.scope, node.object);
  const Maybe size = function ? evaluate(e, place.scope, node.size) : std::nullopt;
  if (!size) return std::nullopt;
  auto at = [&](const Value& one) -> Maybe {
    const auto* partial = function->shared<Partial>();
    std::vector<Value> arguments = partial != nullptr ? partial->arguments : std::vector<Value>{};
    const Value& callee = partial != nullptr ? *partial->function : *function;
    arguments.push_back(one);
    const std::optional<Parameters> parameters = parameters_of(e, callee);
    size_t needed = 0;
    if (parameters && parameters->written != nullptr) {
      for (const ast::Parameter& p : *parameters->written) needed += p.initial ? 0 : 1;
    }
    if (arguments.size() < needed)  // prefix@1 waits for its second number
      return shared_value(Partial{std::make_shared<const Value>(callee), std::move(arguments)});
    return call_with(e, callee, std::move(arguments), place);
  };
  const auto* sizes = elements_of(*size);
  if (sizes == nullptr) return at(*size);
  std::vector<Value> out;  // hit@[1, 5, 10]
  for (const Value& one : *sizes) {
    Maybe made = at(one);
    if (!made) return std::nullopt;
    out.push_back(std::move(*made));
  }
  return list_value(std::move(out));
}

}  // namespace rexp::eval
