// Calls: functions are inlined, extern functions make nodes or constants, templates become statements, members do as they say.
#include <algorithm>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/externs.h"

namespace rexp::elaborate {
using diagnostics::Kind;

Value Elaborator::eval_call(const Scope& scope, const ast::Call& call, Span span,
                            const Value* piped) {
  const Value callee = eval(scope, call.callee);
  if (is_error(callee)) return callee;
  std::vector<Value> leading;
  if (piped != nullptr) leading.push_back(*piped);
  if (const auto* function = callee.shared<FunctionValue>())
    return call_function(*function, scope, call.arguments, piped, span);
  if (const auto* external = callee.as<ExternValue>())
    return call_extern(*external, scope, call.arguments, leading, span);
  if (const auto* block = callee.as<BlockFunction>())
    return call_block(*block, scope, call.arguments, span);
  if (const auto* method = callee.shared<MethodValue>())
    return call_method(*method, scope, call.arguments, span);
  if (const auto* wording = callee.as<TemplateValue>())
    return apply_template(*wording, scope, call.arguments, span);
  std::vector<Value> arguments = leading;
  for (const ast::Argument& argument : call.arguments) {
    arguments.push_back(eval(scope, argument.value));
    if (is_error(arguments.back())) return failed();
  }
  return call_value(callee, arguments, span);
}

Value Elaborator::call_value(const Value& callee, const std::vector<Value>& arguments, Span span) {
  if (is_error(callee)) return callee;
  for (const Value& argument : arguments) {
    if (is_error(argument)) return argument;
  }
  if (callee.is_unknown()) {
    const check::TypeNode& node = types()[callee.type];
    Provenance from = callee.from;
    for (const Value& argument : arguments) from = join(from, argument.from);
    return unknown(node.kind == TypeKind::function ? node.arguments.back() : any(), from);
  }
  if (const auto* external = callee.as<ExternValue>())
    return call_extern(*external, Scope{}, {}, arguments, span);
  if (const auto* wording = callee.as<TemplateValue>())
    return run_template(*wording, arguments, span);
  if (const auto* partial = callee.shared<PartialValue>()) {
    std::vector<Value> all = partial->arguments;
    all.insert(all.end(), arguments.begin(), arguments.end());
    return call_value(*partial->function, all, span);
  }
  if (callee.shared<RecordValue>() != nullptr && arguments.size() == 1)
    return apply(callee, arguments[0], span);
  const auto* function = callee.shared<FunctionValue>();
  if (function == nullptr) {
    auto& error = report(Kind::not_callable, span,
                         "found a " + described(callee.type) + ", which cannot be called");
    if (callee.as<SchemaValue>() != nullptr)
      error.help = "a record is written with braces: `" +
                   source_text(span).substr(0, source_text(span).find('(')) + " { … }`";
    return failed();
  }
  const Signature signature{function->name, function->scope.module, &function->parameters, {}};
  const auto values = match_arguments(signature, function->scope, {}, arguments, span, false);
  if (!values) return failed();
  EnvironmentPtr names = function->scope.names;
  for (size_t i = 0; i < values->size(); ++i)
    names = bind(names, function->parameters[i].name.text, (*values)[i]);
  return inline_body(*function, names, span);
}

Value Elaborator::call_function(const FunctionValue& function, const Scope& scope,
                                const std::vector<ast::Argument>& arguments, const Value* piped,
                                Span span) {
  std::vector<Value> leading;
  if (piped != nullptr) leading.push_back(*piped);
  const Signature signature{function.name, function.scope.module, &function.parameters, {}};
  const auto values = match_arguments(signature, scope, arguments, leading, span, false);
  if (!values) return failed();
  EnvironmentPtr names = function.scope.names;
  for (size_t i = 0; i < values->size(); ++i)
    names = bind(names, function.parameters[i].name.text, (*values)[i]);
  return inline_body(function, names, span);
}

Value Elaborator::inline_body(const FunctionValue& function, EnvironmentPtr names, Span span) {
  constexpr int kMaxActive = 24;
  int& active = active_[{function.scope.module, function.body.index}];
  if (active >= kMaxActive) {
    report(Kind::definition_cycle, span,
           "`" + (function.name.empty() ? std::string("this function") : function.name) +
               "` calls itself; functions always end, so there is no recursion");
    return failed();
  }
  ++active;
  const TypeId expected =
      function.result ? program_.resolve(function.scope.module, *function.result) : any();
  Value out = eval(Scope{function.scope.module, std::move(names)}, function.body, expected);
  --active_[{function.scope.module, function.body.index}];
  if (!function.result || is_error(out)) return out;
  const Span body = tree(function.scope.module)[function.body].span;
  out = coerce(std::move(out), expected, "the result of `" + function.name + "`", body);
  const ast::Type& written = tree(function.scope.module)[*function.result];
  if (!is_error(out) && written.label != ast::Label::none) {
    if (!check_label(out, check::from_ast(written.label), "the result of `" + function.name + "`",
                     body, written.span))
      return failed();
  }
  return out;
}

bool Elaborator::check_label(const Value& v, Label allowed, const std::string& what, Span span,
                             Span declared) {
  if (v.from.label <= allowed) return true;
  if (v.from.label == Label::future) {
    auto& error =
        report(Kind::reads_future, span, "value contains events after the prediction point");
    error.primary.text = "all events of the user, so also the target";
    error.help = "`history` stops before the target";
    return false;
  }
  auto& error = report(Kind::label_too_high, span,
                       what + " takes `" + check::name_of(allowed) + "` data, found `" +
                           check::name_of(v.from.label) + "` data");
  if (declared.file >= 0) error.secondary.push_back({declared, "declared here"});
  error.help = std::string("declare it `") + check::name_of(v.from.label) + "` if it may read that";
  return false;
}

std::optional<std::vector<Value>> Elaborator::match_arguments(
    const Signature& signature, const Scope& scope, const std::vector<ast::Argument>& arguments,
    const std::vector<Value>& leading, Span span, bool labels) {
  const std::vector<ast::Parameter>& parameters = *signature.parameters;
  const std::string name =
      signature.name.empty() ? std::string("this function") : "`" + signature.name + "`";
  std::vector<std::optional<Value>> values(parameters.size());
  std::vector<Span> spans(parameters.size(), span);
  auto complain = [&](Span at, const std::string& message) {
    auto& error = report(Kind::wrong_arguments, at, message);
    std::string shape;
    for (const ast::Parameter& p : parameters) shape += (shape.empty() ? "" : ", ") + p.name.text;
    error.help = "it takes (" + shape + ")";
    return std::nullopt;
  };
  if (leading.size() > parameters.size())
    return complain(span, name + " takes " + std::to_string(parameters.size()) +
                              " arguments, found " + std::to_string(leading.size()));
  auto expected_of = [&](size_t i) {
    return program_.resolve(signature.module, parameters[i].type);
  };
  for (size_t i = 0; i < leading.size(); ++i) values[i] = leading[i];
  size_t next = leading.size();
  for (const ast::Argument& argument : arguments) {
    size_t at = next;
    const Span here = tree(scope.module)[argument.value].span;
    if (argument.name) {
      std::vector<std::string> known;
      for (const ast::Parameter& p : parameters) known.push_back(p.name.text);
      at = static_cast<size_t>(std::find(known.begin(), known.end(), argument.name->text) -
                               known.begin());
      if (at == known.size())
        return complain(argument.name->span, name + " has no parameter `" + argument.name->text +
                                                 "`" +
                                                 check::did_you_mean(argument.name->text, known));
    } else {
      ++next;
    }
    if (at >= parameters.size())
      return complain(
          here, name + " takes " + std::to_string(parameters.size()) + " arguments, found more");
    if (values[at]) return complain(here, "`" + parameters[at].name.text + "` is given twice");
    values[at] = eval(scope, argument.value, expected_of(at));
    if (is_error(*values[at])) return std::nullopt;
    spans[at] = here;
  }
  std::vector<Value> out;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!values[i]) {
      if (!parameters[i].initial)
        return complain(span, name + " needs `" + parameters[i].name.text + "`");
      values[i] = eval(Scope{signature.module, nullptr}, *parameters[i].initial, expected_of(i));
      spans[i] = tree(signature.module)[*parameters[i].initial].span;
    }
    Value v = coerce(*values[i], expected_of(i), "`" + parameters[i].name.text + "`", spans[i]);
    if (is_error(v)) return std::nullopt;
    if (parameters[i].type.valid()) {
      const ast::Type& written = tree(signature.module)[parameters[i].type];
      const bool check = labels || written.label != ast::Label::none;
      if (check &&
          !check_label(v, check::from_ast(written.label), "`" + parameters[i].name.text + "`",
                       spans[i], parameters[i].name.span))
        return std::nullopt;
    }
    out.push_back(std::move(v));
  }
  return out;
}

std::optional<std::vector<std::optional<Value>>> Elaborator::member_arguments(
    const std::string& member, const Scope& scope, const std::vector<ast::Argument>& arguments,
    const std::vector<std::string>& names, Span span) {
  std::vector<std::optional<Value>> values(names.size());
  size_t next = 0;
  for (const ast::Argument& argument : arguments) {
    size_t at = next;
    if (argument.name) {
      at = static_cast<size_t>(std::find(names.begin(), names.end(), argument.name->text) -
                               names.begin());
    } else {
      ++next;
    }
    if (at >= names.size()) {
      const std::string what = argument.name
                                   ? "no parameter `" + argument.name->text + "`" +
                                         check::did_you_mean(argument.name->text, names)
                                   : std::to_string(names.size()) + " parameters, found more";
      report(Kind::wrong_arguments, argument.name ? argument.name->span : span,
             "`" + member + "` has " + what);
      return std::nullopt;
    }
    values[at] = eval(scope, argument.value);
    if (is_error(*values[at])) return std::nullopt;
  }
  return values;
}

Value Elaborator::call_extern(const ExternValue& function, const Scope& scope,
                              const std::vector<ast::Argument>& arguments,
                              const std::vector<Value>& leading, Span span) {
  const ast::Decl& decl = program_.decl(function.symbol);
  const auto& declared = std::get<ast::ExternDecl>(decl.node);
  const Signature signature{decl.name.text, function.symbol.module, &declared.parameters,
                            decl.name.span};
  const auto values = match_arguments(signature, scope, arguments, leading, span, false);
  if (!values) return failed();
  const ExternBuilder* builder =
      find_extern(program_.module(function.symbol.module).name + "." + decl.name.text);
  if (builder == nullptr) return not_yet(decl.name.text, span);
  for (const Value& v : *values) {
    if (v.is_unknown())
      return unknown(program_.resolve(function.symbol.module, declared.result), v.from);
  }
  return builder->make(*this, *values, span);
}

Value Elaborator::call_method(const MethodValue& method, const Scope& scope,
                              const std::vector<ast::Argument>& arguments, Span span) {
  const Value& object = *method.object;
  if (object.is_unknown() && types().kind(object.type) != TypeKind::list) {
    for (const ast::Argument& argument : arguments) {
      if (is_error(eval(scope, argument.value))) return failed();
    }
    return unknown(any(), object.from);
  }
  if (const auto* part = object.as<PartValue>())
    return part_method(*part, method.name, scope, arguments, span);
  if (const auto* rows = object.as<RowsValue>())
    return rows_method(method, *rows, scope, arguments, span);
  if (const auto* mixture = object.shared<MixtureValue>())
    return mixture_share(*mixture, scope, arguments, span);
  if (types().kind(object.type) == TypeKind::list)
    return list_method(method, scope, arguments, span);
  return not_yet(method.name, method.span);
}

Value Elaborator::call_block(const BlockFunction& function, const Scope& scope,
                             const std::vector<ast::Argument>& arguments, Span span) {
  const ast::Decl& decl = program_.decl(function.symbol);
  const auto& block = std::get<ast::BlockDecl>(decl.node);
  const Signature signature{decl.name.text, function.symbol.module, &block.parameters,
                            decl.name.span};
  const auto values = match_arguments(signature, scope, arguments, {}, span, false);
  if (!values) return failed();
  EnvironmentPtr names;
  for (size_t i = 0; i < values->size(); ++i)
    names = bind(names, block.parameters[i].name.text, (*values)[i]);
  return apply_assignments(function.symbol, evaluate_block(function.symbol, decl, block, names));
}

}  // namespace rexp::elaborate
