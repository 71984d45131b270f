// Operations of the run: what is left of a call that only the run can carry out. They are closed: what they hold is known while
// compiling, and functions over rows are row functions already.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

TypeId unlabelled(const Evaluator& e, TypeId type) {
  const check::TypeNode& node = e.program.types[type];
  return node.kind == TypeKind::labelled ? node.arguments[0] : type;
}

/// The function type among the alternatives of a parameter's type; invalid when there is none.
TypeId function_in(const Evaluator& e, TypeId type) {
  for (TypeId part : e.program.types.alternatives(unlabelled(e, type))) {
    if (e.program.types.kind(part) == TypeKind::function) return part;
  }
  return {};
}

/// For `fn(R) -> Bool` the argument that holds rows of R; `None` for plain numbers. `declared`: types of all arguments.
std::vector<Value> sources_of(Evaluator& e, TypeId function, const std::vector<TypeId>& declared,
                              const std::vector<Value>& arguments) {
  std::vector<Value> sources;
  const std::vector<TypeId> parts = e.program.types[function].arguments;
  for (size_t p = 0; p + 1 < parts.size(); ++p) {
    Value source{None{}};
    const TypeId row = unlabelled(e, parts[p]);
    for (size_t i = 0; i < declared.size(); ++i) {
      const check::TypeNode& node = e.program.types[unlabelled(e, declared[i])];
      const bool rows = node.kind == TypeKind::record && node.index == e.program.known(Known::Rows);
      if (rows && unlabelled(e, node.arguments[0]) == row) source = arguments[i];
    }
    sources.push_back(std::move(source));
  }
  return sources;
}

/// The declared types of all arguments, the receiver's first.
std::vector<TypeId> declared_types(const Evaluator& e, Symbol operation, bool member) {
  std::vector<TypeId> out;
  const auto info = e.typed.declarations.find(operation);
  if (info == e.typed.declarations.end() || !info->second.signature) return out;
  if (member) out.push_back(info->second.signature->receiver);
  for (const auto& parameter : info->second.signature->parameters) out.push_back(parameter.type);
  return out;
}

}  // namespace

Maybe make(Evaluator& e, Symbol operation, std::vector<Value> arguments, const Place& place) {
  const auto& declared = std::get<ast::ExternDecl>(e.program.decl(operation).node);
  const bool member = declared.receiver.has_value();
  const size_t first = member ? 1 : 0;
  const std::vector<TypeId> types = declared_types(e, operation, member);
  Made made{operation, place.type, {}, place.span};
  if (made.type.index == 0) {
    const auto info = e.typed.declarations.find(operation);
    if (info != e.typed.declarations.end() && info->second.signature)
      made.type = info->second.signature->result;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool receiver = member && i == 0;
    const std::string name = receiver ? "of" : declared.parameters[i - first].name.text;
    if (receiver) {
      Maybe rows = e.program.types.kind(types.empty() ? TypeId{} : types[0]) == TypeKind::record &&
                           e.program.is(types[0], Known::Rows)
                       ? as_rows(e, arguments[0], place)
                       : Maybe(arguments[0]);
      if (!rows) return std::nullopt;
      arguments[0] = std::move(*rows);
    }
    const TypeId function = i < types.size() ? function_in(e, types[i]) : TypeId{};
    const bool closed = function.index == 0 || arguments[i].as<Kernel>() != nullptr ||
                        arguments[i].as<None>() != nullptr;
    if (closed) {
      made.arguments.emplace_back(name, arguments[i]);
      continue;
    }
    const auto kernel = make_kernel(e, arguments[i], function,
                                    sources_of(e, function, types, arguments), name, place.span);
    if (!kernel) return std::nullopt;
    made.arguments.emplace_back(name, Value{*kernel});
  }
  if (!check_rows(e, made)) return std::nullopt;
  return made_value(e, std::move(made));
}

bool is_made_of(check::Program& program, const Made& made, Known schema) {
  const int32_t id = program.known(schema);
  return id >= 0 && made.operation == program.schema(id).symbol;
}

Value made_value(Evaluator& e, Made made) {
  Value value = shared_value(std::move(made));
  print(e, value, /*canonical=*/true);
  return value;
}

Maybe apply_stage(Evaluator& e, const Value& stage, const Value& model, const Place& place) {
  const auto* record = stage.shared<Record>();
  if (record == nullptr || !e.program.is(record->type, Known::Stage))
    return fail(e, Kind::not_callable, place.span,
                "`|>` needs a stage or a function on its right, found a " + described(e, stage));
  const Symbol symbol = e.program.schema(e.program.known(Known::Stage)).symbol;
  Maybe base = convert(e, model, e.program.known_type(Known::Model), place);
  if (!base) return std::nullopt;
  return made_value(e, Made{symbol,
                            e.program.known_type(Known::Model),
                            {{"stage", stage}, {"model", std::move(*base)}},
                            place.span});
}

Maybe evaluate_pipe(Evaluator& e, const ast::Pipe& node, const Place& place) {
  const Maybe piped = evaluate(e, place.scope, node.value);
  if (!piped) return std::nullopt;
  const ast::Expr& right = tree(e, place.scope.module)[node.function];
  if (const auto* call = std::get_if<ast::Call>(&right.node)) {
    const Maybe callee = evaluate(e, place.scope, call->callee);
    if (!callee) return std::nullopt;
    // A stage with parameters takes them first; a function takes what is piped as its first argument.
    const auto* callable = callee->as<Callable>();
    const bool block = callable != nullptr && std::holds_alternative<ast::BlockDecl>(
                                                  e.program.decl(callable->symbol).node);
    if (!block && callee->shared<Method>() == nullptr)
      return evaluate_call(e, *call, &*piped, {place.scope, place.span, place.type});
  }
  Maybe function = evaluate(e, place.scope, node.function);
  if (!function) return std::nullopt;
  const auto* callable = function->as<Callable>();
  if (callable != nullptr &&
      std::holds_alternative<ast::BlockDecl>(e.program.decl(callable->symbol).node)) {
    function = apply(e, *function, {}, place);  // a stage whose parameters all have defaults
    if (!function) return std::nullopt;
  }
  return call_with(e, *function, {*piped}, place);
}

}  // namespace rexp::eval
