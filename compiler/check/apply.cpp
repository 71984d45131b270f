// Arguments against a signature. Every way of calling comes here: f(x), x |> f, f@x, x.f(…), template(…), and `ask`.
#include <algorithm>

#include "compiler/check/arguments.h"
#include "compiler/check/labels.h"

namespace rexp::check {

namespace {

/// One call while it is looked at.
struct Application {
  Checker& c;
  const Scope& scope;
  const Signature& signature;
  const std::vector<ast::Argument>& arguments;
  Span span;
  std::vector<TypeId> variables;
  std::vector<Reads> reads;  // by parameter
  Reads all;                 // of everything that was given
  bool over_rows = false;    // something given is rows of the run
};

std::string title(const Signature& signature) {
  return signature.name.empty() ? "this function" : "`" + signature.name + "`";
}

void complain(Application& a, Span at, const std::string& message) {
  std::string shape;
  for (const SignatureParameter& p : a.signature.parameters)
    shape += (shape.empty() ? "" : ", ") + p.name;
  report(a.c, Kind::wrong_arguments, at, message).help = "it takes (" + shape + ")";
}

bool bind_all(Application& a, size_t leading, Binding* binding) {
  std::vector<std::string> names;
  for (const SignatureParameter& p : a.signature.parameters) names.push_back(p.name);
  const std::string count = std::to_string(names.size());
  if (leading > names.size()) {
    complain(
        a, a.span,
        title(a.signature) + " takes " + count + " arguments, found " + std::to_string(leading));
    return false;
  }
  *binding = bind_arguments(names, leading, a.arguments);
  if (binding->problem == Binding::Problem::none) return true;
  const ast::Argument& argument = a.arguments[static_cast<size_t>(binding->at)];
  const Span here = span_of(a.c, a.scope, argument.value);
  switch (binding->problem) {
    case Binding::Problem::too_many:
      complain(a, here, title(a.signature) + " takes " + count + " arguments, found more");
      break;
    case Binding::Problem::unknown_name: {
      const TypeId given = is_lambda(a.c, a.scope, argument.value)
                               ? TypeId{}
                               : infer(a.c, a.scope, argument.value).type;
      std::vector<std::string> meant;
      for (const SignatureParameter& p : a.signature.parameters) {
        if (may_mean(a.c, given, p.type)) meant.push_back(p.name);
      }
      complain(a, argument.name->span,
               title(a.signature) + " has no parameter `" + argument.name->text + "`" +
                   did_you_mean(argument.name->text, meant));
      break;
    }
    default: {
      const std::string name = argument.name ? argument.name->text : "an argument";
      complain(a, here, "`" + name + "` is given twice");
    }
  }
  look_at(a.c, a.scope, a.arguments);  // what stands there is an expression all the same
  return false;
}

void note_given(Application& a, size_t index, const Reads& reads, TypeId type) {
  a.reads[index] = reads;
  a.all = join(a.all, reads);
  a.over_rows = a.over_rows || is_rows(a.c, type);
}

void check_given(Application& a, size_t index, const Reads& reads, Span span) {
  const SignatureParameter& p = a.signature.parameters[index];
  const std::string of = a.signature.name.empty() ? "" : " of `" + a.signature.name + "`";
  check_demands(a.c, a.scope, p, reads, "`" + p.name + "`" + of, span);
}

/// What a function argument will be called with.
std::vector<Reads> reads_of_call(Application& a, size_t index, size_t parameters) {
  Reads read;
  if (a.signature.is_extern) {
    read = a.all;
    if (a.over_rows) read.world = World::row;
  } else if (const auto& applied = a.signature.parameters[index].applied) {
    read = substitute(*applied, a.reads);
  } else {
    read.world = World::row;
  }
  return std::vector<Reads>(parameters, read);
}

void give_value(Application& a, size_t index, ast::ExprId id) {
  const SignatureParameter& p = a.signature.parameters[index];
  const Span span = span_of(a.c, a.scope, id);
  const TypeId before = a.c.program.substitute(p.type, a.variables);
  const bool open = a.c.types().contains(before, TypeKind::variable);
  ExprInfo& info =
      open ? infer(a.c, a.scope, id, before) : expect(a.c, a.scope, id, before, "`" + p.name + "`");
  if (a.c.types().is_error(info.type)) return;
  if (open) {
    unify(a.c, p.type, info.type, &a.variables);
    fit(a.c, info, a.c.program.substitute(p.type, a.variables), "`" + p.name + "`", span);
    if (a.c.types().is_error(info.type)) return;
  }
  note_given(a, index, info.reads, info.type);
  check_given(a, index, info.reads, span);
}

size_t parameter_count(Checker& c, TypeId function) {
  for (TypeId part : c.types().alternatives(function)) {
    if (c.types().kind(part) == TypeKind::function) return c.types()[part].arguments.size() - 1;
  }
  return 0;
}

/// A function by its name: of a declaration, of a `let`, or a parameter that is passed on.
void give_named_function(Application& a, size_t index, ast::ExprId id,
                         const std::vector<Reads>& reads) {
  give_value(a, index, id);
  const Span span = span_of(a.c, a.scope, id);
  if (const SignaturePtr named = signature_of(a.c, a.scope, id)) {
    check_applied(a.c, a.scope, *named, reads, span);
    a.all = join(a.all, substitute(named->reads, reads));
    return;
  }
  const Names* local = local_of(a.c, a.scope, id);
  if (local == nullptr || a.c.types().kind(local->type) != TypeKind::function) return;
  if (local->lambda.valid()) {
    a.all = join(a.all, lambda_body(a.c, *local->written, local->lambda, local->type, reads).reads);
  } else if (local->parameter >= 0 && a.scope.frame != nullptr && !reads.empty()) {
    note_applied(*a.scope.frame, local->parameter, reads[0]);
  }
}

/// A function as argument: written in place, or named.
void give_function(Application& a, size_t index, ast::ExprId id) {
  const SignatureParameter& p = a.signature.parameters[index];
  const TypeId function = a.c.program.substitute(p.type, a.variables);
  const std::vector<Reads> reads = reads_of_call(a, index, parameter_count(a.c, function));
  if (!is_lambda(a.c, a.scope, id)) return give_named_function(a, index, id, reads);
  Scope scope = a.scope;
  if (!a.signature.computed) scope.names = inside_rows(scope.names);
  ExprInfo& info = a.c.typed.at(a.scope.module, id);
  ExprInfo made;
  Reads read = check_lambda(a.c, scope, id, function, &reads, &made);
  info = made;
  if (a.c.types().is_error(info.type)) return;
  const auto& node = std::get<ast::Lambda>(a.c.tree(a.scope.module)[id].node);
  const TypeId result = a.c.types()[info.type].arguments.back();
  for (TypeId part : a.c.types().alternatives(p.type)) {
    if (a.c.types().kind(part) == TypeKind::function)
      unify(a.c, a.c.types()[part].arguments.back(), result, &a.variables);
  }
  fit(a.c, info, a.c.program.substitute(p.type, a.variables), "`" + p.name + "`",
      span_of(a.c, a.scope, id));
  if (read.world == World::row && !node.parameters.empty() && !a.over_rows)
    read.world = a.all.world;
  note_given(a, index, read, info.type);
}

/// The default of a function parameter is called with what this call gives.
void give_default_function(Application& a, size_t index) {
  const SignatureParameter& p = a.signature.parameters[index];
  const Scope home{a.signature.module, nullptr, nullptr};
  const SignaturePtr named = signature_of(a.c, home, *p.initial);
  if (named == nullptr) return;
  const std::vector<Reads> reads = reads_of_call(a, index, parameter_count(a.c, p.type));
  check_applied(a.c, a.scope, *named, reads, a.span);
  a.all = join(a.all, substitute(named->reads, reads));
}

void give_arguments(Application& a, const Binding& binding) {
  for (const bool functions : {false, true}) {
    for (size_t i = 0; i < binding.argument.size(); ++i) {
      if (binding.argument[i] < 0) continue;
      const ast::ExprId id = a.arguments[static_cast<size_t>(binding.argument[i])].value;
      const bool function = parameter_count(a.c, a.signature.parameters[i].type) > 0;
      const bool lambda = is_lambda(a.c, a.scope, id);
      if ((function || lambda) != functions) continue;
      if (functions)
        give_function(a, i, id);
      else
        give_value(a, i, id);
    }
  }
}

void give_leading(Application& a, const std::vector<Given>& leading) {
  for (size_t i = 0; i < leading.size(); ++i) {
    const SignatureParameter& p = a.signature.parameters[i];
    unify(a.c, p.type, leading[i].type, &a.variables);
    const TypeId wanted = a.c.program.substitute(p.type, a.variables);
    if (!a.c.types().is_error(leading[i].type) &&
        !a.c.program.assignable(leading[i].type, wanted)) {
      wrong_type(a.c, leading[i].type, wanted, "`" + p.name + "`", leading[i].span);
    } else if (leading[i].expr.valid()) {
      a.c.typed.at(a.scope.module, leading[i].expr).wanted = wanted;
    }
    note_given(a, i, leading[i].reads, leading[i].type);
    check_given(a, i, leading[i].reads, leading[i].span);
  }
}

/// Operations of the run give handles: what they were made of is judged where they are made, not where they are used.
bool is_handle(Checker& c, TypeId type) {
  if (c.types().kind(type) != TypeKind::record) return false;
  const Schema& schema = c.program.schema(c.types()[type].index);
  return c.program.is(type, Known::Recommender) ||
         (schema.opaque && !c.program.is(type, Known::Event) && !c.program.is(type, Known::Sid) &&
          !c.program.is(type, Known::WindowId) && !c.program.is(type, Known::Joined));
}

/// Callers of a function that applies a template, or draws, need a row as well.
void need_row(Application& a) {
  if (a.scope.frame != nullptr) {
    a.scope.frame->signature.needs_row = true;
    return;
  }
  auto& error = report(a.c, Kind::not_in_row_function, a.span,
                       a.signature.is_template
                           ? "a template is applied to the rows of a task, there is no row here"
                           : "`" + a.signature.name + "` needs an example, there is no row here");
  if (a.signature.is_template) error.help = "write `[" + a.signature.name + "(…) for w in …]`";
}

void finish(Application& a, ExprInfo* out) {
  const TypeId type =
      unlabelled(a.c, a.c.program.substitute(a.signature.result, a.variables)).first;
  out->type = type;
  if (a.signature.needs_row && !a.scope.row) need_row(a);
  if (a.signature.is_template || is_handle(a.c, type)) {
    out->reads = {};
    if (a.signature.is_template) out->reads.world = World::row;
    return;
  }
  out->reads = a.signature.is_extern ? join(a.all, a.signature.reads)
                                     : substitute(a.signature.reads, a.reads);
  check_row_list(a.c, a.scope, out, a.span);
}

}  // namespace

bool is_rows(Checker& c, TypeId type) {
  return c.types().kind(type) == TypeKind::record &&
         (c.types()[type].index == c.program.known(Known::Rows) || c.program.is(type, Known::Part));
}

void apply(Checker& c, const Scope& scope, const Signature& signature, const Given* receiver,
           const std::vector<Given>& leading, const std::vector<ast::Argument>& arguments,
           Span span, ExprInfo* out) {
  Application a{c, scope, signature, arguments, span, {}, {}, {}, false};
  a.reads.resize(signature.parameters.size());
  if (receiver != nullptr) {
    if (!signature.computed)
      check_world(c, scope, receiver->reads, World::constant,
                  "what `" + signature.name + "` is made of", receiver->span);
    unify(c, signature.receiver, receiver->type, &a.variables);
    a.all = receiver->reads;
    a.over_rows = is_rows(c, receiver->type);
  }
  Binding binding;
  if (!bind_all(a, leading.size(), &binding)) return;
  give_leading(a, leading);
  give_arguments(a, binding);
  for (size_t i = leading.size(); i < signature.parameters.size(); ++i) {
    const SignatureParameter& p = signature.parameters[i];
    if (binding.argument[i] >= 0) continue;
    if (!p.initial)
      complain(a, span, title(signature) + " needs `" + p.name + "`");
    else if (parameter_count(c, p.type) > 0)
      give_default_function(a, i);
    else
      note_given(a, i, c.typed.at(signature.module, *p.initial).reads, p.type);
  }
  // The result is known even when an argument was wrong, so that one mistake is one message.
  finish(a, out);
}

}  // namespace rexp::check
